"""What the model reads of an outcome, and what the record keeps of a request."""

import json
from datetime import date
from typing import Any

import pytest

from calls.tool_results import MAX_CHARS, Result, arguments_for_the_record, result_of
from catalog.tools.context import ToolOutcome


def told(**data: Any) -> dict[str, Any]:
    return result_of(ToolOutcome(ok=True, data=data)).for_the_model()


def test_it_tells_the_data_and_the_sentence() -> None:
    outcome = ToolOutcome(ok=False, data={"free": ["10:00", "11:00"]}, say="That time is taken.")
    assert result_of(outcome).for_the_model() == {
        "ok": False,
        "free": ["10:00", "11:00"],
        "say": "That time is taken.",
    }


def test_whether_it_worked_is_not_for_the_data_to_say() -> None:
    assert result_of(ToolOutcome(ok=False, data={"ok": True})).for_the_model() == {"ok": False}


@pytest.mark.parametrize(
    ("hidden", "seen"),
    [
        ("a\x00b", "a b"),
        ("a\u202eb", "a b"),
        ("a\ud800b", "a b"),
        ("a\ufe0fb", "ab"),
        ("a\nb", "a\nb"),
    ],
)
def test_what_nobody_can_see_is_not_read_by_the_model_either(hidden: str, seen: str) -> None:
    assert told(text=hidden) == {"ok": True, "text": seen}


def test_what_json_does_not_know_is_told_in_words() -> None:
    assert told(day=date(2026, 12, 1), part=float("nan")) == {
        "ok": True,
        "day": "2026-12-01",
        "part": None,
    }


def test_a_result_has_a_bounded_size_and_says_that_it_was_cut() -> None:
    outcome = ToolOutcome(ok=True, data={"rows": ["x" * 100] * 1_000}, say="Here they are.")
    result = result_of(outcome).for_the_model()
    assert result["cut_off"] is True
    assert result["say"] == "Here they are."
    assert len(json.dumps(result)) < 2 * MAX_CHARS


@pytest.mark.parametrize("returned", [None, "done", 5, {"ok": True}])
def test_what_is_no_outcome_is_refused(returned: Any) -> None:
    with pytest.raises((AttributeError, TypeError, ValueError)):
        result_of(returned)


def test_a_request_is_kept_as_any_database_takes_it() -> None:
    assert arguments_for_the_record({"note": "a\x00b"}) == {"note": "a b"}
    assert arguments_for_the_record([1, 2]) == {"not_an_object": [1, 2]}
    assert arguments_for_the_record({"note": "x" * 50_000})["cut_off"] is True


def test_what_is_nested_without_end_is_cut_off() -> None:
    nested: list[Any] = []
    for _level in range(5_000):
        nested = [nested]
    assert "..." in json.dumps(arguments_for_the_record({"note": nested}))


def test_an_empty_result_says_only_whether_it_worked() -> None:
    assert Result(ok=True).for_the_model() == {"ok": True}
