"""The documents and the product say the same."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import global_settings

from tests.voiceagent.settings_process import read_settings

ROOT = Path(__file__).resolve().parent.parent
READERS = {"certificates", "choice", "database", "flag", "number", "text", "url", "words"}
FILES_OF_SETTINGS = (
    "settings.py",
    "fallback_providers.py",
    "log_in_settings.py",
    "prices.py",
    "watching.py",
)
SET_BY_DJANGO = {"RUN_MAIN"}  # the reloader of runserver says with it which process this is
NOT_OURS = {"rehearsals", "recordings", "call-log", "staticfiles", "__pycache__", "node_modules"}


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable as the settings read it; `default` only where it is a literal."""

    name: str
    default: str


def variables() -> dict[str, Variable]:
    files = [ROOT / "voiceagent" / name for name in FILES_OF_SETTINGS]
    found = {}
    for node in ast.walk(ast.parse("".join(map(Path.read_text, files)))):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) in READERS and node.args):
            continue
        name = node.args[0]
        if isinstance(name, ast.Constant) and name.value not in SET_BY_DJANGO:
            found[name.value] = Variable(name.value, _default(node))
    return found


def _default(node: ast.Call) -> str:
    for keyword in node.keywords:
        if keyword.arg == "default" and isinstance(keyword.value, ast.Constant | ast.UnaryOp):
            value = ast.literal_eval(keyword.value)
            if isinstance(value, bool):
                return str(value).lower()
            return f"{value:g}" if isinstance(value, float | int) else str(value)
    return ""


def documented() -> dict[str, tuple[str, str]]:
    """The rows of the tables in docs/settings.md: variable, default, meaning."""
    text = (ROOT / "docs" / "settings.md").read_text()
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (?:`([^`]*)` )?\| (.+) \|$", text, re.MULTILINE)
    assert len(rows) == len({name for name, _, _ in rows}), "a variable stands there twice"
    assert len(rows) == len(re.findall(r"^\| `[A-Z_]", text, re.MULTILINE)), "a row cannot be read"
    return {name: (default, meaning) for name, default, meaning in rows}


def example() -> dict[str, str]:
    """The assignments in .env.example."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    stated = [line for line in lines if line.strip() and not line.startswith("#")]
    pairs = [line.partition("=") for line in stated]
    assert all(equals for _, equals, _ in pairs)
    assert len({name for name, _, _ in pairs}) == len(pairs), "a variable stands there twice"
    return {name: value for name, _, value in pairs}


def test_the_page_of_settings_names_exactly_the_variables_that_are_read() -> None:
    assert set(documented()) == set(variables())


def test_the_example_names_exactly_the_variables_that_are_read() -> None:
    assert set(example()) == set(variables())


def test_the_page_of_settings_tells_the_defaults_of_the_code() -> None:
    assert {name: default for name, (default, _) in documented().items()} == {
        name: variable.default for name, variable in variables().items()
    }


def test_the_page_of_settings_says_one_plain_sentence_of_each() -> None:
    for name, (_, meaning) in documented().items():
        assert meaning[0].isupper() and meaning.endswith("."), name


def test_the_page_of_settings_admits_what_nothing_uses_yet() -> None:
    settings_file = ROOT / "voiceagent" / "settings.py"
    names = [
        node
        for node in ast.walk(ast.parse(settings_file.read_text()))
        if isinstance(node, ast.Name)
    ]
    used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    # What becomes no setting of its own name is part of another one.
    used |= set(variables()) - {node.id for node in names if isinstance(node.ctx, ast.Store)}
    for package in ("calls", "catalog", "customers", "rehearsal", "staff", "voiceagent"):
        for path in (ROOT / package).rglob("*.py"):
            used |= set(re.findall(r"\bsettings\.([A-Z0-9_]+)", path.read_text()))
    unused = {
        name for name in variables() if name not in used and not hasattr(global_settings, name)
    }
    admitted = {name for name, (_, meaning) in documented().items() if "Not used yet" in meaning}
    assert admitted == unused


def test_the_example_is_taken_as_it_stands() -> None:
    names = ("DEBUG", "MAX_CONCURRENT_CALLS", "TWILIO_WS_PATH", "OPENAI_MODEL", "PUBLIC_BASE_URL")
    assert read_settings(*names, **example()) == read_settings(*names)


def test_the_settings_are_seen_by_these_tests() -> None:
    found = variables()
    assert {"DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "SERVES_CALLS"} <= set(found)
    assert found["PREFETCH_TIMEOUT"].default == "2"
    assert found["DEBUG"].default == "true"


def test_the_readme_draws_the_directories_that_are_there() -> None:
    readme = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```\w*\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    (tree,) = [block for block in blocks if re.search(r"^(?:[├└]── )?calls/", block, re.MULTILINE)]
    drawn = set(re.findall(r"^(?:[├└]── )?([\w.-]+)/", tree, re.MULTILINE))
    there = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and path.name not in NOT_OURS
    }
    assert drawn == there


def linked_files() -> Iterator[tuple[str, str]]:
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
            if "://" not in target and not target.startswith("mailto:"):
                yield str(page.relative_to(ROOT)), target


@pytest.mark.parametrize(("page", "target"), sorted(set(linked_files())))
def test_every_link_leads_to_a_file(page: str, target: str) -> None:
    assert ((ROOT / page).parent / target).exists()


def test_the_readme_explains_every_check() -> None:
    sources = [*ROOT.glob("calls/*.py"), *ROOT.glob("catalog/*.py"), *ROOT.glob("customers/*.py")]
    sources += ROOT.glob("staff/*.py")
    given = set(re.findall(r'id="(\w+\.[EW]\d{3})"', "\n".join(map(Path.read_text, sources))))
    explained = set(re.findall(r"^\| `(\w+\.[EW]\d{3})`", (ROOT / "README.md").read_text(), re.M))
    assert explained == given


def named_tests() -> set[tuple[str, str]]:
    """Those that docs/security.md calls as witnesses: file and test."""
    text = (ROOT / "docs" / "security.md").read_text()
    return set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text))


@pytest.mark.parametrize(("file", "test"), sorted(named_tests()))
def test_every_test_that_the_page_of_security_names_is_there(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text())
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    assert test in {node.name for node in ast.walk(tree) if isinstance(node, functions)}


@pytest.mark.parametrize("title", ["The admin", "The telephone line"])
def test_the_page_of_security_names_a_test_for_each_defence(title: str) -> None:
    section = (ROOT / "docs" / "security.md").read_text().split(f"\n## {title}\n")[1]
    table = re.split(r"What remains:|### ", section)[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "---" not in line]
    assert len(rows) > 10
    assert [row for row in rows[1:] if "::test_" not in row] == []
