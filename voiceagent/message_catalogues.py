"""What has to be translated, and is it? `make messages` runs this; it needs no GNU gettext.

Ours are the strings of the Python files and templates of every app. The theme has no translations
of its own: of its strings, those that Django does not know are ours to translate as well.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import django
import unfold
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = Path(__file__).resolve().parent / "locale"
LANGUAGES = ("pt", "pt_BR")
APPS = ("calls", "catalog", "customers", "rehearsal", "staff", "voiceagent")
THEME = Path(unfold.__file__).parent
DJANGO = Path(django.__file__).parent
DJANGO_CATALOGUES = ("conf", "contrib/admin", "contrib/auth")
# Lines and times would make every edit of a page an edit of the catalogues.
WRITTEN_AT = datetime(2026, 1, 1, tzinfo=UTC)
# The functions of Django's that Babel does not know; lazy ones take what their namesakes take.
KEYWORDS: dict[str, Any] = {**DEFAULT_KEYWORDS, "gettext_noop": None} | {
    f"{name}_lazy": DEFAULT_KEYWORDS[name]
    for name in ("gettext", "ngettext", "pgettext", "npgettext")
}

_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(?:n?p?gettext|_)\((?:{_LITERAL},? ?)+(?:count)?\)")


def files(folder: Path) -> Iterator[Path]:
    """The Python files and templates that may hold what staff see."""
    for path in sorted(folder.rglob("*")):
        within = path.relative_to(folder).parts
        is_code = path.suffix == ".py" and "migrations" not in within
        if is_code or (path.suffix == ".html" and "templates" in within):
            yield path


def extracted() -> Catalog:
    """Everything that needs a translation, with the files that each string is in."""
    found = Catalog(charset="utf-8")
    for app in APPS:
        for path in files(ROOT / app):
            _add(found, path, str(path.relative_to(ROOT)))
    theirs = Catalog(charset="utf-8")
    for path in files(THEME):
        if "contrib" not in path.relative_to(THEME).parts:
            _add(theirs, path, f"unfold/{path.relative_to(THEME)}")
    django_s = {language: _django_s_own(language) for language in LANGUAGES}
    for message in theirs:
        if message.id and not all(_knows(own, message) for own in django_s.values()):
            found.add(message.id, locations=message.locations, context=message.context)
    return found


def _add(catalogue: Catalog, path: Path, name: str) -> None:
    text = path.read_text()
    if path.suffix == ".html":
        text = _calls_in_template(text, name)
    source, keywords = io.BytesIO(text.encode()), {**KEYWORDS, **_renamed(text)}
    for _line, message, _comments, context in extract("python", source, keywords=keywords):
        catalogue.add(message, locations=[(name, 0)], context=context)


def _calls_in_template(source: str, name: str) -> str:
    """The template's strings as Python calls; what Django itself makes of it is no valid Python."""
    calls = _CALL.findall(templatize(source, origin=name))
    return "".join(f"{call}\n" for call in calls)


def _renamed(source: str) -> dict[str, Any]:
    """`from django.utils.translation import gettext as _now` makes _now another keyword."""
    return {
        alias.asname: KEYWORDS[alias.name]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname and alias.name in KEYWORDS
    }


def _django_s_own(language: str) -> list[GNUTranslations]:
    opened = []
    for name in DJANGO_CATALOGUES:
        with (DJANGO / name / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
            opened.append(GNUTranslations(file))
    return opened


def _knows(translations: list[GNUTranslations], message: Message) -> bool:
    if not isinstance(message.id, str):
        one, many = message.id
        return any(own.ngettext(one, many, 2) != many for own in translations)
    if message.context:
        return any(own.pgettext(message.context, message.id) != message.id for own in translations)
    return any(own.gettext(message.id) != message.id for own in translations)


def path_of(language: str, suffix: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


def read(language: str) -> Catalog:
    path = path_of(language, "po")
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def untranslated(catalogue: Catalog) -> list[str]:
    """What is empty, in part or whole, or only guessed."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and (message.fuzzy or not all(_strings(message.string)))
    ]


def _strings(string: str | Sequence[str] | None) -> tuple[str, ...]:
    if isinstance(string, Sequence) and not isinstance(string, str):
        return tuple(string)
    return (string or "",)


def update() -> list[str]:
    """Bring every .po and .mo up to date; a line for each language that lacks something."""
    template, said = extracted(), []
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        catalogue.project, catalogue.version, catalogue.fuzzy = "voiceagent", "1", False
        catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = "-"
        catalogue.header_comment = "# Written by `make messages`: translate the msgstr lines only."
        catalogue.creation_date = catalogue.revision_date = WRITTEN_AT
        path_of(language, "po").parent.mkdir(parents=True, exist_ok=True)
        with path_of(language, "po").open("wb") as file:
            write_po(file, catalogue, width=100, sort_by_file=False, include_lineno=False)
        with path_of(language, "mo").open("wb") as file:
            write_mo(file, catalogue)
        if missing := untranslated(catalogue):
            said.append(f"{language}: {len(missing)} of {len(catalogue)} are not translated yet.")
    return said


if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in update()) or "Everything is translated.\n")
