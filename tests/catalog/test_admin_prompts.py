"""The prompt pages: versions, drafts, comparing two, and variables that are none."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Prompt, PromptVersion
from catalog.prompt_variables import fill
from tests.catalog.factories import make_agent, make_prompt, make_version
from tests.catalog.studio import editor, errors_of, reader

ADD = "/admin/catalog/prompt/add/"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


def change(prompt: Prompt) -> str:
    return reverse("admin:catalog_prompt_change", args=(prompt.pk,))


def compare(prompt: Prompt) -> str:
    return reverse("admin:catalog_prompt_compare", args=(prompt.pk,))


def publish(version: PromptVersion) -> str:
    return reverse("admin:catalog_promptversion_publish", args=(version.pk,))


def newest(prompt: Prompt) -> PromptVersion:
    assert prompt.newest is not None
    return prompt.newest


def test_every_save_is_a_new_version_with_author_time_and_note(erin: Client) -> None:
    prompt = make_prompt(text="Be brief.")
    erin.post(change(prompt), {"name": "Sales", "text": "Be kind.", "note": "Kinder"})
    saved = newest(prompt)
    assert (saved.version, saved.text, saved.note) == (2, "Be kind.", "Kinder")
    assert (saved.author_name, saved.published_at) == ("erin", None)
    prompt.refresh_from_db()
    assert prompt.published is not None and prompt.published.text == "Be brief."
    page = erin.get(change(prompt)).content.decode()
    assert "Kinder" in page and "erin" in page
    assert "Agents are told version 1 until you publish this one." in page


def test_a_new_prompt_starts_with_a_draft(erin: Client) -> None:
    erin.post(ADD, {"name": "Sales", "text": "Sell.", "note": ""})
    prompt = Prompt.objects.get(name="Sales")
    assert (newest(prompt).version, prompt.published) == (1, None)


def test_saving_and_publishing_is_one_click(erin: Client) -> None:
    prompt = make_prompt(text="Be brief.")
    make_agent("Vera", prompt=prompt)
    form = {"name": "Sales", "text": "Be kind.", "catalog_prompt_save_and_publish": "1"}
    page = erin.post(change(prompt), form, follow=True).content.decode()
    assert "version 2, is published. The next call answered by Vera has it." in page
    prompt.refresh_from_db()
    assert prompt.published == newest(prompt)


def test_an_old_version_is_published_again_in_one_click(erin: Client) -> None:
    prompt = make_prompt(text="Be brief.")
    first, second = newest(prompt), make_version(prompt, "Be kind.")
    for version in (second, first):
        erin.post(publish(version))
        prompt.refresh_from_db()
        assert prompt.published == version
    assert "Publish again" in erin.get(change(prompt)).content.decode()
    assert prompt.versions.count() == 2


def test_saving_what_was_not_changed_makes_no_version(erin: Client) -> None:
    prompt = make_prompt(text="Be brief.\nBe kind.")
    erin.post(change(prompt), {"name": "Selling", "text": " Be brief.\r\nBe kind.\r\n"})
    prompt.refresh_from_db()
    assert (prompt.name, prompt.versions.count()) == ("Selling", 1)


def test_a_note_without_a_change_is_not_silently_lost(erin: Client) -> None:
    prompt = make_prompt(text="Be brief.")
    errors = errors_of(
        erin.post(change(prompt), {"name": "Sales", "text": "Be brief.", "note": "!"})
    )
    assert "A note is kept only with a new version" in errors["note"][0]


def test_a_text_written_while_somebody_else_saved_is_asked_for_again(erin: Client) -> None:
    prompt = make_prompt(text="Be brief.")
    make_version(prompt, "Be kind.", author_name="Olga")
    form = {"name": "Sales", "text": "Be bold.", "based_on": "1"}
    refused = erin.post(change(prompt), form)
    assert "version 2 was saved by Olga" in errors_of(refused)["__all__"][0]
    assert newest(prompt).text == "Be kind."
    again = refused.context["adminform"].form["based_on"].value()
    erin.post(change(prompt), {**form, "based_on": again})
    assert (newest(prompt).version, newest(prompt).text) == (3, "Be bold.")


# Variables ----------------------------------------------------------------------------------


def test_an_unknown_variable_is_an_error_with_the_list_of_known_ones(erin: Client) -> None:
    prompt = make_prompt()
    (error,) = errors_of(erin.post(change(prompt), {"name": "Sales", "text": "{busines_name}"}))[
        "text"
    ]
    assert "{busines_name}" in error
    for known in ("{business_name}", "{today}", "{customer_name}", "{transfer_number}"):
        assert known in error
    assert prompt.versions.count() == 1


def test_braces_that_are_no_variables_pass(erin: Client) -> None:
    prompt = make_prompt()
    text = 'Answer {"open": true, "hours": [9, {"to": 17}]} or {} or {{name}} on {today}.'
    assert erin.post(change(prompt), {"name": "Sales", "text": text}).status_code == 302
    assert newest(prompt).text == text
    assert fill(text, {"today": "Monday"}) == text.replace("{{name}}", "{name}").replace(
        "{today}", "Monday"
    )


def test_what_can_be_filled_in_stands_beside_the_prompt(erin: Client) -> None:
    page = erin.get(ADD).content.decode()
    assert "<code>&#123;customer_name&#125;</code>" in page and "Who is calling" in page


# Comparing ----------------------------------------------------------------------------------


def test_two_versions_stand_side_by_side(erin: Client) -> None:
    prompt = make_prompt(text="Open from nine.")
    make_version(prompt, "Open from ten.")
    make_version(prompt, f"Open from {SCRIPT}.")
    page = erin.get(compare(prompt), {"before": "1", "after": "2"}).content.decode()
    assert "Version 1 and version 2" in page
    assert "<del>nine</del>" in page and "<ins>ten</ins>" in page
    assert SCRIPT not in erin.get(compare(prompt)).content.decode()


def test_by_default_the_newest_is_compared_with_what_is_live(erin: Client) -> None:
    prompt = make_prompt()
    make_version(prompt, "Second.")
    third = make_version(prompt, "Third.")
    assert "Version 1 and version 3" in erin.get(compare(prompt)).content.decode()
    erin.post(publish(third))
    assert "Version 2 and version 3" in erin.get(compare(prompt)).content.decode()


@pytest.mark.parametrize("nonsense", ["", "0", "-1", "x", "9" * 5_000, "1'--", "\0", SCRIPT])
def test_hostile_version_numbers_are_none(erin: Client, nonsense: str) -> None:
    prompt = make_prompt()
    response = erin.get(compare(prompt), {"before": nonsense, "after": nonsense})
    assert response.status_code == 200
    assert SCRIPT not in response.content.decode()


def test_there_is_nothing_to_compare_of_what_is_not_there(erin: Client) -> None:
    assert erin.get(compare(Prompt.objects.create(name="Empty"))).status_code == 404
    assert erin.get("/admin/catalog/prompt/999999999999999999999999/compare").status_code == 404


# Who may only read --------------------------------------------------------------------------


def test_a_reader_reads_the_text_and_changes_nothing(db: None) -> None:
    rita, prompt = reader(), make_prompt()
    draft = make_version(prompt, "Be ever so kind.")
    page = rita.get(change(prompt)).content.decode()
    assert "Be ever so kind." in page
    for offered in (publish(draft), "Save", "id_text", "based_on"):
        assert offered not in page.partition("<main")[2]
    assert rita.get(compare(prompt)).status_code == 200
    for url in (publish(draft), change(prompt)):
        assert rita.post(url, {"name": "Mine", "text": "Mine."}).status_code == 403
    assert prompt.versions.count() == 2


def test_strangers_compare_nothing(bob: Client) -> None:
    assert bob.get(compare(make_prompt())).status_code == 403


def test_a_prompt_that_was_published_once_is_not_deleted(erin: Client) -> None:
    prompt = make_prompt()
    delete = reverse("admin:catalog_prompt_delete", args=(prompt.pk,))
    assert erin.post(delete, {"post": "yes"}).status_code == 403
    draft = Prompt.objects.create(name="Never")
    make_version(draft, "Sell.")
    erin.post(reverse("admin:catalog_prompt_delete", args=(draft.pk,)), {"post": "yes"})
    assert not Prompt.objects.filter(name="Never").exists()


def test_its_list_says_what_is_live_and_what_is_newest(
    erin: Client, django_assert_max_num_queries: Any
) -> None:
    prompt = make_prompt()
    make_version(prompt, "Second.", note="Kinder")
    for number in range(10):
        make_prompt(f"Prompt {number}")
    with django_assert_max_num_queries(16):
        page = erin.get("/admin/catalog/prompt/").content.decode()
    assert "Version 2: Kinder" in page
