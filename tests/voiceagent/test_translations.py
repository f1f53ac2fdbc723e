"""Staff read their own language: nothing is left in English, nothing translated is stale."""

import re
from collections.abc import Iterator
from gettext import GNUTranslations

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.test import Client
from django.utils.translation import deactivate, override
from django.utils.translation import gettext as _

from voiceagent.message_catalogues import LANGUAGES, extracted, path_of, read, untranslated

PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%%|\{\w*\}|<[^>]+>")

each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """A request leaves its language behind in the thread."""
    yield
    deactivate()


def ids(catalogue: Catalog) -> set[tuple[str, str | None]]:
    return {(str(message.id), message.context) for message in catalogue if message.id}


@pytest.fixture(scope="module")
def fresh() -> Catalog:
    return extracted()


@each_language
def test_the_catalogue_has_every_string_and_no_other(language: str, fresh: Catalog) -> None:
    kept, needed = ids(read(language)), ids(fresh)
    assert needed - kept == set(), "run `make messages`, then translate"
    assert kept - needed == set(), "run `make messages`"
    assert not read(language).obsolete


@each_language
def test_every_string_is_translated(language: str) -> None:
    assert untranslated(read(language)) == []


@each_language
def test_nothing_is_a_guess(language: str) -> None:
    assert [message.id for message in read(language) if message.id and message.fuzzy] == []


@each_language
def test_a_translation_fills_in_what_its_original_does(language: str) -> None:
    wrong = []
    for message in read(language):
        originals = (message.id,) if isinstance(message.id, str) else message.id
        strings = (message.string,) if isinstance(message.string, str) else message.string
        # A plural's singular may say “one” where its plural has the number.
        allowed = {frozenset(PLACEHOLDER.findall(original)) for original in originals}
        for string in strings or ():
            if string and message.id and frozenset(PLACEHOLDER.findall(string)) not in allowed:
                wrong.append((originals[0], string))
    assert wrong == []


@each_language
def test_a_translation_begins_and_ends_as_its_original_does(language: str) -> None:
    """A lost full stop or line break shows on the page."""
    wrong = []
    for message in read(language):
        if not message.id or not isinstance(message.id, str) or not message.string:
            continue
        ends = [
            (text[0] == "\n", text[-1] in ".:", text[-1] == "\n")
            for text in (message.id, str(message.string))
        ]
        if ends[0] != ends[1]:
            wrong.append((message.id, message.string))
    assert wrong == []


@each_language
def test_what_is_served_is_what_was_translated(language: str) -> None:
    """Django reads the .mo files; people write the .po files."""
    with path_of(language, "mo").open("rb") as file:
        served = GNUTranslations(file)
    for message in read(language):
        if isinstance(message.id, str) and message.id and message.string:
            given = (
                served.pgettext(message.context, message.id)
                if message.context
                else served.gettext(message.id)
            )
            assert given == message.string, "run `make messages`"
        elif not isinstance(message.id, str) and all(message.string):
            one, many = message.id
            assert served.ngettext(one, many, 1) == message.string[0], "run `make messages`"
            assert served.ngettext(one, many, 2) == message.string[1], "run `make messages`"


def test_the_two_portugueses_differ() -> None:
    """Whoever copies the one into the other has not translated it."""
    portugal = {str(m.id): m.string for m in read("pt") if m.id and m.string}
    brazil = {str(m.id): m.string for m in read("pt_BR") if m.id and m.string}
    assert sum(portugal[key] != brazil.get(key) for key in portugal) > 5


# Choosing ---------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("browser", "said"),
    [("en", "Log in"), ("pt-PT,pt;q=0.9", "Palavra-passe"), ("pt-BR,pt;q=0.9", "Senha")],
)
def test_the_browser_chooses_the_language(client: Client, browser: str, said: str) -> None:
    page = client.get("/admin/login/", headers={"accept-language": browser})
    assert said in page.content.decode()


@pytest.mark.django_db
def test_a_choice_goes_before_the_browser_and_is_kept_for_a_year(client: Client) -> None:
    answer = client.post("/i18n/setlang/", {"language": "pt-br", "next": "/admin/login/"})
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["max-age"] == 31_536_000
    page = client.get("/admin/login/", headers={"accept-language": "en"})
    assert 'lang="pt-br"' in page.content.decode()
    assert "Bem-vindo" in page.content.decode()


def test_both_are_loaded_beside_english() -> None:
    with override("pt"):
        portugal = _("Save")
    with override("pt-br"):
        brazil = _("Save")
    assert {portugal, brazil} == {"Guardar", "Salvar"}
