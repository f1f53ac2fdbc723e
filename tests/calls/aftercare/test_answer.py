"""calls/aftercare/answer.py: whatever a model answers, what is kept is plain, short and fits."""

import json
from typing import Any

import pytest

from calls.aftercare.answer import Unusable, read_answer
from calls.aftercare.answer_schema import answer_schema

DETAILS = {"type": "object", "properties": {"reason": {"type": "string"}}}
SCHEMA = answer_schema(DETAILS)


def answered(**answer: Any) -> str:
    return json.dumps({"summary": "Wanted a visit.", "details": {}, **answer})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PWNED",
        "[]",
        "null",
        '{"summary": "One"}',
        answered(summary=""),
        answered(summary="\u200b\n \u0000"),
        answered(summary=["One"]),
        answered(details={"reason": 5}),
        answered(delete="everything"),
        answered(details={"more": [["x" * 300] * 10] * 3}),
        '{"summary": "One", "details": {"more": NaN}}',
        '{"summary": "One", "details": {"more": 1e999}}',
        '{"summary": "One", "details": {"more": ' + "[" * 100_000 + "]" * 100_000 + "}}",
        '{"summary": "One", "details": {"more": ' + "9" * 5_000 + "}}",
    ],
)
def test_it_keeps_nothing_of_an_answer_that_does_not_fit(text: str) -> None:
    with pytest.raises(Unusable):
        read_answer(text, SCHEMA)


def test_it_keeps_two_short_lines_of_plain_text() -> None:
    hostile = "<img src=x onerror=alert(1)>\n\n\u202eThen.\u0000\nAnd a third. " + "x" * 900
    written = read_answer(answered(summary=hostile), SCHEMA)
    assert written.summary == "img src=x onerror=alert(1)\nThen."
    assert len(read_answer(answered(summary="x" * 900), SCHEMA).summary) == 400


def test_the_details_are_as_plain_as_the_summary() -> None:
    hostile = {"reason": "<b>\u0000Pain", "<i>": ["\ud800</i>"]}
    written = read_answer(answered(details=hostile), SCHEMA)
    kept = json.dumps(written.details)
    assert "Pain" in kept
    assert not set("<>") & set(kept) and "\\u" not in kept


def test_what_became_plain_has_to_fit_still() -> None:
    details = {"type": "object", "properties": {"sign": {"enum": ["<", ">"]}}}
    with pytest.raises(Unusable):
        read_answer(answered(details={"sign": "<"}), answer_schema(details))


def test_a_schema_has_nothing_fetched() -> None:
    details = {"type": "object", "$ref": "http://127.0.0.1:9/schema"}
    with pytest.raises(Unusable):
        read_answer(answered(), answer_schema(details))
