"""What each happening does to the rows: in any order, and more than once."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from calls.call_rows import write
from calls.happenings import (
    CallOver,
    CallRang,
    CustomerKnown,
    Happening,
    Lost,
    Milestone,
    RanWith,
    Said,
    StatusReported,
    StreamBegan,
    StreamReported,
    Summarised,
    ToolRan,
    TurnedAway,
    Used,
)
from calls.models import Call, EndedBy, Speaker, Status
from calls.timing import Timings
from tests.calls.samples import CALL_SID, OTHER_CALL_SID, STREAM_SID

pytestmark = pytest.mark.django_db

BEGAN_AT = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
OTHER_STREAM_SID = "MZ" + "e5" * 16
OVER_AT = BEGAN_AT + timedelta(seconds=30)
REPORTED_AT = OVER_AT + timedelta(seconds=1)

RANG = CallRang(CALL_SID, "+351200000002", "+351200000001", "Reception", 42, 3.5)
BEGAN = StreamBegan(CALL_SID, STREAM_SID, BEGAN_AT)
KNOWN = CustomerKnown(CALL_SID, "Maria Silva", "7")
OVER = CallOver(CALL_SID, EndedBy.AGENT, OVER_AT, 30_000.4, Timings(first_audio_ms=2.5))
BROKEN = CallOver(CALL_SID, EndedBy.ERROR, OVER_AT, 30_000.4, Timings())
COMPLETED = StatusReported(CALL_SID, "completed", REPORTED_AT)
RINGING = StatusReported(CALL_SID, "ringing", BEGAN_AT)


def write_all(happenings: Sequence[Happening]) -> Call:
    for happening in happenings:
        write(happening)
    return Call.objects.get()


def test_it_ends_in_one_row_and_the_same_state_whatever_the_order() -> None:
    for order in itertools.permutations((RANG, BEGAN, KNOWN, OVER, COMPLETED)):
        Call.objects.all().delete()
        call = write_all(order)
        assert (call.status, call.ended_by) == (Status.COMPLETED, EndedBy.AGENT), order
        assert (call.started_at, call.ended_at, call.duration_ms) == (BEGAN_AT, OVER_AT, 30_000)
        assert (call.first_audio_ms, call.webhook_ms, call.revision) == (2.5, 3.5, 42)
        assert (call.customer_name, call.customer_key) == ("Maria Silva", "7")
        assert (call.agent_name, call.stream_sid) == ("Reception", STREAM_SID)


def test_it_ends_in_the_same_state_when_each_happening_is_told_twice() -> None:
    twice = (RANG, BEGAN, OVER, COMPLETED)
    for order in itertools.permutations(twice):
        for repeated in itertools.permutations(twice, 2):
            Call.objects.all().delete()
            call = write_all((*order, *repeated))
            assert (call.status, call.ended_by) == (Status.COMPLETED, EndedBy.AGENT)
            assert (call.started_at, call.ended_at) == (BEGAN_AT, OVER_AT)


def test_it_stays_failed_whatever_twilio_says_and_in_whatever_order() -> None:
    for order in itertools.permutations((BEGAN, BROKEN, COMPLETED, RINGING)):
        Call.objects.all().delete()
        call = write_all(order)
        assert (call.status, call.ended_by) == (Status.FAILED, EndedBy.ERROR), order


@pytest.mark.parametrize("word", ["queued", "initiated", "ringing", "in-progress", "", "nonsense"])
def test_twilio_never_reopens_a_call(word: str) -> None:
    call = write_all((RANG, BEGAN, OVER, StatusReported(CALL_SID, word, REPORTED_AT)))
    assert (call.status, call.ended_at) == (Status.COMPLETED, OVER_AT)


@pytest.mark.parametrize(
    ("word", "status", "ended_by"),
    [
        ("completed", Status.COMPLETED, EndedBy.CALLER),
        ("canceled", Status.COMPLETED, EndedBy.CALLER),
        ("busy", Status.COMPLETED, EndedBy.CALLER),
        ("no-answer", Status.COMPLETED, EndedBy.CALLER),
        ("failed", Status.FAILED, EndedBy.ERROR),
        ("ringing", Status.RINGING, ""),
    ],
)
def test_twilio_closes_a_call_whose_stream_never_came(
    word: str, status: Status, ended_by: str
) -> None:
    call = write_all((RANG, StatusReported(CALL_SID, word, REPORTED_AT)))
    assert (call.status, call.ended_by) == (status, ended_by)
    assert call.ended_at == (None if status == Status.RINGING else REPORTED_AT)


def test_the_session_has_the_last_word_on_a_call_whose_stream_came() -> None:
    call = write_all((RANG, BEGAN, COMPLETED))
    assert (call.status, call.ended_by, call.ended_at) == (Status.IN_PROGRESS, "", None)


LATER = BEGAN_AT + timedelta(seconds=12)
FIRST = StreamBegan(CALL_SID, STREAM_SID, BEGAN_AT, "a", RanWith(agent_name="Reception"))
AGAIN = StreamBegan(CALL_SID, OTHER_STREAM_SID, LATER, "b")
LEFT = CallOver(CALL_SID, EndedBy.ERROR, OVER_AT, 12_000.0, Timings(), STREAM_SID)
ENDED = CallOver(CALL_SID, EndedBy.CALLER, OVER_AT, 30_000.0, Timings(), OTHER_STREAM_SID)


def test_a_call_that_another_server_took_is_carried_and_closed_by_that_one() -> None:
    """The first may not know, and its journal may be read last."""
    for order in itertools.permutations((FIRST, AGAIN, LEFT)):
        Call.objects.all().delete()
        call = write_all((RANG, *order))
        assert (call.stream_sid, call.process_id) == (OTHER_STREAM_SID, "b"), order
        assert call.started_at == BEGAN_AT
        call = write_all((ENDED,))
        assert (call.status, call.ended_by) == (Status.COMPLETED, EndedBy.CALLER), order
        assert call.duration_ms == 30_000


def test_who_lost_a_line_does_not_close_what_goes_on_elsewhere() -> None:
    call = write_all((RANG, FIRST, AGAIN, LEFT))
    assert (call.status, call.ended_by) == (Status.IN_PROGRESS, "")


def test_it_keeps_the_timings_it_knows_when_later_ones_are_unknown() -> None:
    call = write_all((RANG, OVER, CallOver(CALL_SID, EndedBy.AGENT, OVER_AT, 1.0, Timings())))
    assert (call.webhook_ms, call.first_audio_ms) == (3.5, 2.5)


def test_it_writes_what_was_said_done_and_noted() -> None:
    write(Said(CALL_SID, Speaker.AGENT, "Olá!", 10.0, 900.0, interrupted=True, reply_ms=412.5))
    write(ToolRan(CALL_SID, "book", {"day": "Monday"}, "ok", 1_000.0, 12.5))
    write(Milestone(CALL_SID, "stream-error", detail="x" * 1_000))
    call = Call.objects.get()
    line, run, event = call.utterances.get(), call.tool_runs.get(), call.events.get()
    assert (line.speaker, line.text, line.interrupted) == (Speaker.AGENT, "Olá!", True)
    assert (line.at_ms, line.end_ms, line.reply_ms) == (10.0, 900.0, 412.5)
    assert (run.name, run.arguments, run.outcome, run.ms) == ("book", {"day": "Monday"}, "ok", 12.5)
    assert (event.name, event.at_ms, event.detail) == ("stream-error", None, "x" * 200)


def test_it_keeps_calls_apart() -> None:
    write(RANG)
    write(Said(OTHER_CALL_SID, Speaker.CALLER, "Hello?", 10.0))
    assert Call.objects.get(call_sid=CALL_SID).utterances.count() == 0
    assert Call.objects.get(call_sid=OTHER_CALL_SID).utterances.count() == 1


LOST = Lost(CALL_SID, OVER_AT, "completed", 30)


def test_a_lost_call_is_closed_with_what_twilio_knows_of_it() -> None:
    call = write_all((RANG, BEGAN, LOST))
    assert (call.status, call.ended_by) == (Status.FAILED, EndedBy.ERROR)
    assert (call.ended_at, call.duration_ms) == (OVER_AT, 30_000)
    assert [event.name for event in call.events.all()] == ["server lost"]


def test_a_caller_who_gave_up_before_the_stream_is_no_fault_of_the_server() -> None:
    call = write_all((RANG, LOST))
    assert (call.status, call.ended_by) == (Status.COMPLETED, EndedBy.CALLER)
    assert not call.events.exists()


def test_the_session_has_the_last_word_on_a_call_that_was_taken_for_lost() -> None:
    for order in itertools.permutations((RANG, BEGAN, OVER, LOST)):
        Call.objects.all().delete()
        call = write_all(order)
        assert (call.status, call.ended_by) == (Status.COMPLETED, EndedBy.AGENT), order
        assert call.duration_ms == 30_000


def test_a_call_that_was_turned_away_is_over_at_once_and_says_why() -> None:
    turned = TurnedAway(CALL_SID, "+351200000002", "+351200000009", "all lines busy", OVER_AT)
    call = write_all((turned, COMPLETED, turned))
    assert (call.status, call.ended_by) == (Status.COMPLETED, EndedBy.TURNED_AWAY)
    assert [event.name for event in call.events.all()] == ["all lines busy"]


def test_who_ended_a_call_is_told_once() -> None:
    told = [write(happening) for happening in (RANG, BEGAN, OVER, COMPLETED, OVER, LOST)]
    assert told == [None, None, EndedBy.AGENT, None, None, None]


def test_what_a_call_used_adds_up() -> None:
    reply = Used(CALL_SID, llm_input_tokens=100, llm_cached_tokens=60, tts_characters=20)
    call = write_all((RANG, reply, OVER, reply))
    assert (call.llm_input_tokens, call.llm_cached_tokens, call.tts_characters) == (200, 120, 40)


def test_twilios_word_on_the_stream_is_noted_once() -> None:
    call = write_all((BEGAN, *[StreamReported(CALL_SID, "stream-stopped")] * 2, RANG))
    assert [event.name for event in call.events.all()] == ["stream-stopped"]


def test_what_was_erased_gets_no_summary_again() -> None:
    write_all((RANG, OVER))
    Call.objects.update(erased_at=OVER_AT)
    assert write_all((Summarised(CALL_SID, "Maria asked for a check-up."),)).summary == ""


def test_a_row_that_is_made_late_says_when_the_phone_rang() -> None:
    rang_at = BEGAN_AT - timedelta(seconds=1)
    rang = CallRang(CALL_SID, "", "", "Reception", 42, 3.5, at=rang_at)
    for order in itertools.permutations((rang, BEGAN, OVER)):
        Call.objects.all().delete()
        assert write_all(order).created_at == rang_at


def test_the_start_up_of_a_call_whose_server_is_lost_stands_in_its_row() -> None:
    first, again = (Milestone(CALL_SID, "first model token", ms) for ms in (900.0, 5_000.0))
    call = write_all((RANG, BEGAN, Milestone(CALL_SID, "agent ready", 20.0), first, again, BROKEN))
    assert (call.agent_ready_ms, call.first_llm_response_ms) == (20.0, 900.0)
