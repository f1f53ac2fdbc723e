"""No word that staff see is written past gettext: not in a template, not in a Python file."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from voiceagent.message_catalogues import APPS, ROOT, files

TEMPLATES = [path for app in APPS for path in files(ROOT / app) if path.suffix == ".html"]
# Engineers read what commands print, in English; a tool's docstring is what the model is told.
NOT_FOR_STAFF = ("catalog/tools/", "/management/", "rehearsal/")
SOURCES = [
    path
    for app in APPS
    for path in files(ROOT / app)
    if path.suffix == ".py"
    and not any(part in str(path.relative_to(ROOT)) for part in NOT_FOR_STAFF)
]
READ_OUT = {"title", "alt", "aria-label", "placeholder", "label", "aria-description"}
UNSEEN = {"script", "style", "code"}
# Units and names, which are the same in every language.
NOT_WORDS = re.compile(r"voiceagent|Twilio|LUFS|\b(?:ms|s|kHz|v)\b|&#?\w+;")

SHOWN_KEYWORDS = {
    "verbose_name",
    "verbose_name_plural",
    "help_text",
    "description",
    "short_description",
    "label",
    "title",
    "hint",
    "empty_state",
}
# By the position of what is shown.
SHOWN_ARGUMENTS = {
    "ValidationError": 0,
    "CannotPublish": 0,
    "SnapshotInvalid": 0,
    "Warning": 0,
    "Error": 0,
    "Info": 0,
    "success": 1,
    "info": 1,
    "warning": 1,
    "error": 1,
    "message_user": 1,
}
ON_MESSAGES = {"success", "info", "warning", "error"}


def without_tags(source: str) -> str:
    """The template with what it computes or translates taken out."""
    source = re.sub(r"{%\s*comment\b.*?endcomment\s*%}|{#.*?#}", "", source, flags=re.DOTALL)
    block = r"{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%}"
    source = re.sub(block, "", source, flags=re.DOTALL)
    return re.sub(r"{%.*?%}|{{.*?}}", "", source, flags=re.DOTALL)


class Words(HTMLParser):
    """Collects the words that a reader sees or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in UNSEEN
        for name, value in attrs:
            if name in READ_OUT and value:
                self._note(value)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._note(data)

    def _note(self, text: str) -> None:
        if re.search(r"[^\W\d_]{2,}", NOT_WORDS.sub("", text)):
            self.found.append(" ".join(text.split()))


def untranslated_words(template: str) -> list[str]:
    # A symbol of the icon font is written as its name.
    icons = r"<(\w+)[^>]*material-symbols-outlined[^>]*>.*?</\1>"
    words = Words()
    words.feed(re.sub(icons, "", without_tags(template), flags=re.DOTALL))
    return words.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_says_nothing_that_is_not_translated(path: Path) -> None:
    assert untranslated_words(path.read_text()) == []


def shown(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions that become words on a page."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (kw.value for kw in node.keywords if kw.arg in SHOWN_KEYWORDS)
            called = ast.unparse(node.func)
            name = called.rpartition(".")[2]
            position = SHOWN_ARGUMENTS.get(name)
            if name in ON_MESSAGES and called != f"messages.{name}":
                continue
            if position is not None and len(node.args) > position:
                yield node.args[position]
        elif isinstance(node, ast.Assign):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if names & SHOWN_KEYWORDS:
                yield node.value


def literal(node: ast.expr) -> str | None:
    """The English of an expression that is words as they stand, with nothing to translate them."""
    if isinstance(node, ast.BinOp):
        return literal(node.left)
    if isinstance(node, ast.JoinedStr):
        words = [part.value for part in node.values if isinstance(part, ast.Constant)]
        return "".join(map(str, words)) or None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def untranslated_literals(source: str) -> list[str]:
    said = (literal(node) for node in shown(ast.parse(source)))
    return [words for words in said if words and re.search(r"[^\W\d_]{2,}", words)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_python_file_shows_nothing_that_is_not_translated(path: Path) -> None:
    assert untranslated_literals(path.read_text()) == []


# The searchers themselves -------------------------------------------------------


def test_words_past_gettext_are_found_in_templates() -> None:
    assert untranslated_words("<p>Hello {{ name }}</p>") == ["Hello"]
    assert untranslated_words('<img alt="A dog">') == ["A dog"]
    assert untranslated_words("{% if a %}<b>Yes</b>{% endif %}") == ["Yes"]


def test_translated_words_are_not_found() -> None:
    source = (
        '<p title="{% translate "Hi" %}">{% translate "Hello" %} {{ name }} 12 ms</p>'
        "{% blocktranslate %}You{% plural %}All of you{% endblocktranslate %}"
        '<span class="material-symbols-outlined" aria-hidden="true">call</span>'
    )
    assert untranslated_words(source) == []


def test_literals_past_gettext_are_found() -> None:
    assert untranslated_literals('Field("x", help_text="Help")') == ["Help"]
    assert untranslated_literals('messages.info(request, f"Saved {x}")') == ["Saved "]
    assert untranslated_literals('raise ValidationError("No %s" % x)') == ["No %s"]
    assert untranslated_literals('verbose_name = "thing"') == ["thing"]


def test_translated_literals_are_not_found() -> None:
    assert untranslated_literals('Field(help_text=_("Help"), label=name)') == []
    assert untranslated_literals('logger.info("Saved", "x"); messages.info(request, _("a"))') == []
