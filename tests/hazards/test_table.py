"""The table of docs/reliability.md and the tests of this folder name each other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parent.parent / "docs" / "reliability.md"
HAZARDS = list(range(1, 53))
ROW = re.compile(
    r"^\| H(\d+) \| (?P<promise>[^|]+) \| `(?P<test>[\w/.:]+)` "
    r"\| (?P<figure>[^|]+) \| (?P<live>[^|]*) \|$",
    re.MULTILINE,
)


def rows() -> list[re.Match[str]]:
    text = PAGE.read_text()
    found = list(ROW.finditer(text))
    assert len(found) == len(re.findall(r"^\| H\d", text, re.MULTILINE)), "a row cannot be read"
    return found


def named_for_a_hazard() -> Iterator[str]:
    """Those named for a hazard, as pytest calls them."""
    for path in sorted(FOLDER.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and re.match(r"test_h\d\d_", node.name):
                yield f"tests/hazards/{path.name}::{node.name}"


def test_every_hazard_stands_in_the_table_once() -> None:
    assert [int(row[1]) for row in rows()] == HAZARDS


def test_every_hazard_has_one_test_and_the_table_names_it() -> None:
    named = {int(row[1]): row["test"] for row in rows()}
    there = {int(name.split("::test_h")[1][:2]): name for name in named_for_a_hazard()}
    assert sorted(int(name.split("::test_h")[1][:2]) for name in named_for_a_hazard()) == HAZARDS
    assert named == there


def test_every_row_says_what_is_promised_and_what_was_measured() -> None:
    for row in rows():
        assert row["promise"].strip() and row["figure"].strip(), row[0]
    assert 5 <= sum(bool(row["live"].strip()) for row in rows()) <= 15
