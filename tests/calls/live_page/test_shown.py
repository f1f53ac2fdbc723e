"""What one page is told: each line once, and no number to who may not see it."""

from typing import Any

import pytest

from calls.live_page import shown
from calls.live_page.shown import Shown
from calls.live_page.wire import Card, document
from calls.live_page.words_so_far import WrittenLine
from tests.calls.samples import CALL_SID, CALLER_NUMBER, OTHER_CALL_SID

CARD = document(Card(CALL_SID, CALLER_NUMBER, "Reception", "", 1_200.0, ("Dr. Silva",)))
SAID = {
    "kind": "line",
    "call_sid": CALL_SID,
    "speaker": "caller",
    "text": f"Call me at {CALLER_NUMBER}.",
    "at_ms": 2_000.1234,
    "interrupted": False,
}
WRITTEN = WrittenLine(CALL_SID, "caller", SAID["text"], 2_000.1234, False)  # type: ignore[arg-type]


def page(*, sees_numbers: bool = True) -> Shown:
    shown = Shown(sees_numbers=sees_numbers)
    list(shown.cards([CARD]))
    return shown


def kinds(messages: Any) -> list[str]:
    return [message["kind"] for message in messages]


def test_a_line_that_is_heard_and_read_is_told_once_in_either_order() -> None:
    heard_first, read_first = page(), page()
    assert kinds(heard_first.entry(SAID)) == ["line"]
    assert kinds(heard_first.written([WRITTEN])) == []
    assert kinds(read_first.written([WRITTEN])) == ["line"]
    assert kinds(read_first.entry(SAID)) == []


def test_the_same_words_said_twice_are_two_lines() -> None:
    assert kinds(page().entry(it) for it in ()) == []
    both = page()
    assert kinds(both.entry(SAID)) == kinds(both.entry({**SAID, "at_ms": 9_000.0})) == ["line"]


def test_a_call_is_told_once_however_often_its_process_names_it() -> None:
    assert kinds(page().cards([CARD, CARD])) == []


def test_numbers_are_masked_on_the_card_and_in_the_words() -> None:
    hidden = Shown(sees_numbers=False)
    [card] = hidden.cards([CARD])
    [line] = hidden.entry(SAID)
    [saying] = hidden.entry({**SAID, "kind": "saying"})
    for message in (card, line, saying):
        assert CALLER_NUMBER not in str(message)
        assert "+351 ••• 002" in str(message)


def test_numbers_in_names_are_masked_too_and_a_target_is_found_again() -> None:
    names = ("Dr. Silva", "Night +351200000044", "One +351211000055", "One +351222000055")
    card = document(Card(CALL_SID, CALLER_NUMBER, "Reception", "Ana +351200000033", 1.0, names))
    hidden = Shown(sees_numbers=False)
    [told] = hidden.cards([card])
    [known] = hidden.entry({"kind": "known", "call_sid": CALL_SID, "customer": "Ana +351200000033"})
    assert told["customer"] == known["customer"] == "Ana +351 ••• 033"
    assert told["targets"][:2] == ["Dr. Silva", "Night +351 ••• 044"]
    assert hidden.target_shown_as("Night +351 ••• 044", CALL_SID) == "Night +351200000044"
    assert hidden.target_shown_as("Dr. Silva", CALL_SID) == "Dr. Silva"
    # Nobody is put through to the one or the other.
    assert hidden.target_shown_as("One +351 ••• 055", CALL_SID) not in names


def test_words_of_a_call_that_is_not_shown_are_not_told() -> None:
    assert kinds(page().entry({**SAID, "call_sid": OTHER_CALL_SID})) == []


def test_a_call_of_which_nobody_tells_any_more_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = page()
    assert kinds(watched.gone()) == []
    monkeypatch.setattr(shown, "UNHEARD_OF_SECONDS", -1.0)
    assert kinds(watched.gone()) == ["over"]
    assert CALL_SID not in watched
