"""The conversation as it is kept for a line that may break: in order, and only what was heard."""

import json

from calls.happenings import Said, ToolRan
from calls.so_far import MOST_ENTRIES, SoFar
from tests.calls.samples import CALL_SID


def said(speaker: str, text: str, at_ms: float, end_ms: float, interrupted: bool = False) -> Said:
    return Said(CALL_SID, speaker, text, at_ms, end_ms, interrupted)


def conversation(*lines: Said | ToolRan) -> SoFar:
    so_far = SoFar()
    for line in lines:
        so_far.ran(line) if isinstance(line, ToolRan) else so_far.said(line)
    return so_far


GREETING = said("agent", "Hello.", 0.0, 2_000.0)
QUESTION = said("caller", "When do you open?", 2_500.0, 4_000.0)
ANSWER = said("agent", "At nine.", 4_500.0, 6_000.0)
BOOKED = ToolRan(CALL_SID, "book", {"day": "Monday"}, "ok", 4_200.0, 100.0, {"ok": True})


def test_it_stands_in_the_order_of_its_times_whenever_it_was_told() -> None:
    texts = [entry.text for entry in conversation(GREETING, ANSWER, QUESTION).entries]
    assert texts == ["Hello.", "When do you open?", "At nine."]


def test_a_model_reads_who_said_what_and_what_was_done() -> None:
    messages = conversation(GREETING, QUESTION, BOOKED, ANSWER).messages()
    assert [message["role"] for message in messages] == [
        "assistant",
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    asked, result = messages[2], messages[3]
    assert asked["tool_calls"][0]["id"] == result["tool_call_id"]
    assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == {"day": "Monday"}
    assert json.loads(result["content"]) == {"ok": True}


def test_an_answer_is_owed_to_who_spoke_last_and_to_who_was_cut_off() -> None:
    cut_off = said("agent", "At", 4_500.0, 5_000.0, True)
    assert not conversation(GREETING, QUESTION, ANSWER).owes_an_answer
    assert conversation(GREETING, QUESTION).owes_an_answer
    assert conversation(GREETING, QUESTION, cut_off).owes_an_answer
    assert conversation(GREETING, QUESTION, BOOKED).owes_an_answer, "they were not told yet"
    assert not conversation().owes_an_answer


def test_what_was_said_into_a_dead_line_was_not_heard() -> None:
    so_far = conversation(GREETING, QUESTION, ANSWER)
    so_far.cut(5_500.0)
    assert [entry.interrupted for entry in so_far.entries] == [False, False, True]
    assert so_far.entries[-1].text == "At"
    so_far.cut(4_500.0)
    assert [entry.text for entry in so_far.entries] == ["Hello.", "When do you open?"]
    assert so_far.owes_an_answer


def test_only_the_latest_is_kept_of_a_long_call() -> None:
    lines = [said("caller", str(number), float(number), float(number)) for number in range(300)]
    entries = conversation(*lines).entries
    assert len(entries) == MOST_ENTRIES
    assert entries[-1].text == "299"
