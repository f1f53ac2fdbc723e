"""What a happening does to the rows. Applying one late or in another order does no harm.

A call's state only ever moves forward: ringing, in progress, over. The word of the session that
carried it stands above what Twilio or the reaper said meanwhile.
"""

import dataclasses
from collections.abc import Mapping
from typing import assert_never

from django.db.models import F
from django.utils import timezone

from calls import counted_late
from calls.call_rows_erasure import number_has_no_use, without_words
from calls.call_rows_timings import note_timing
from calls.happenings import (
    CallOver,
    CallRang,
    CustomerKnown,
    Happening,
    Lost,
    Milestone,
    RecordingChanged,
    Said,
    StatusReported,
    StreamBegan,
    StreamReported,
    Summarised,
    SurveyAnswered,
    SurveyAsked,
    SurveyReplied,
    ToolRan,
    ToolsOffered,
    TurnedAway,
    Used,
)
from calls.models import (
    OVER,
    Call,
    CallEvent,
    EndedBy,
    RecordingState,
    Status,
    ToolOffer,
    ToolRun,
    Utterance,
)
from calls.survey import rows as survey_rows

# Twilio's words for a call that is over, and ours.
TWILIO_FINAL = {
    "completed": Status.COMPLETED,
    "canceled": Status.COMPLETED,
    "busy": Status.COMPLETED,
    "no-answer": Status.COMPLETED,
    "failed": Status.FAILED,
}
COUNTED = ("llm_input_tokens", "llm_cached_tokens", "llm_output_tokens", "tts_characters")


def write(happening: Happening) -> EndedBy | None:
    """Apply one happening, in a transaction. Who ended the call, if it is over with this and was
    not before.
    """
    if isinstance(happening, SurveyReplied):
        _write_reply(happening)
        return None
    # Locked: another process writes the same row, and saving what was read before that would take
    # the call's state back.
    call, _created = Call.objects.select_for_update().get_or_create(call_sid=happening.call_sid)
    was_over, measures = call.status in OVER, counted_late.measures_of(call)
    to_write = happening if call.erased_at is None else without_words(happening)
    if to_write is not None:
        _write(call, to_write)
        if call.settled_at is not None:
            usual_ms = counted_late.count(call, to_write, measures)
            Call.objects.filter(pk=call.pk).update(usual_reply_ms=usual_ms)
    return EndedBy(call.ended_by) if call.status in OVER and not was_over else None


def _write(call: Call, happening: Happening) -> None:
    match happening:
        case CallRang() | TurnedAway() | StreamBegan():
            _write_beginning(call, happening)
        case CallOver() | StatusReported() | Lost():
            _write_end(call, happening)
        case CustomerKnown() | Used() | RecordingChanged() | Summarised():
            _write_fact(call, happening)
        case Milestone() | Said() | ToolRan() | ToolsOffered() | StreamReported():
            _write_line(call, happening)
        case SurveyAsked() | SurveyAnswered():
            survey_rows.write(call, happening)
        case SurveyReplied():
            pass  # It names no call; see _write_reply().
        case _:
            assert_never(happening)


def _write_beginning(call: Call, happening: CallRang | TurnedAway | StreamBegan) -> None:
    match happening:
        case CallRang():
            _fill(call, happening, "from_number", "to_number", "agent_name", "agent_key")
            _fill(call, happening, "revision", "webhook_ms")
        case TurnedAway():
            _fill(call, happening, "from_number", "to_number", "agent_name", "agent_key")
            _fill(call, happening, "revision")
            if call.status not in OVER and call.started_at is None:
                call.status, call.ended_by = Status.COMPLETED, EndedBy.TURNED_AWAY
                call.ended_at, call.duration_ms = happening.at, 0
                CallEvent.objects.create(call=call, name=happening.why[:40])
        case StreamBegan():
            # A killed server's journal may be read when another has the call already.
            if not (call.stream_sid and happening.ran_with is not None):
                call.stream_sid = happening.stream_sid
                call.process_id = happening.process_id
            call.started_at = min(call.started_at or happening.at, happening.at)
            if happening.ran_with is not None:
                for name, value in dataclasses.asdict(happening.ran_with).items():
                    setattr(call, name, value[:100] if isinstance(value, str) else value)
            if call.status not in OVER:
                call.status = Status.IN_PROGRESS
    if happening.at is not None:  # The row may be made a minute later: the database was away.
        call.created_at = min(call.created_at, happening.at)
    call.save()


def _fill(call: Call, happening: object, *names: str) -> None:
    for name in names:
        setattr(call, name, getattr(happening, name))


def _write_end(call: Call, happening: CallOver | StatusReported | Lost) -> None:
    match happening:
        case CallOver():
            # The server that lost the line may not know that another has the call.
            if call.stream_sid and happening.stream_sid not in ("", call.stream_sid):
                return
            _close_as_told(call, happening)
        case StatusReported():
            _note_report(call, happening.status, happening.seconds)
            # Once there was a stream, its session closes the call, with who ended it and how long
            # it took; if that process is gone, the reaper does.
            final = TWILIO_FINAL.get(happening.status)
            if final is not None and call.status not in OVER and call.started_at is None:
                call.status, call.ended_at = final, happening.at
                call.ended_by = EndedBy.ERROR if final == Status.FAILED else EndedBy.CALLER
        case Lost():
            _close_lost(call, happening)
    call.save()


def _close_as_told(call: Call, happening: CallOver) -> None:
    for name, value in dataclasses.asdict(happening.timings).items():
        if value is not None:
            setattr(call, name, value)
    call.ended_by = happening.ended_by
    call.ended_at = happening.at
    call.duration_ms = round(happening.duration_ms)
    failed = happening.ended_by == EndedBy.ERROR
    call.status = Status.FAILED if failed else Status.COMPLETED


def _close_lost(call: Call, happening: Lost) -> None:
    _note_report(call, happening.status, happening.seconds)
    if call.status in OVER:
        return
    had_stream = call.started_at is not None
    final = TWILIO_FINAL.get(happening.status)
    # Without a stream nothing of ours broke: the caller gave up while it rang.
    gave_up = not had_stream and final == Status.COMPLETED
    call.status = Status.COMPLETED if gave_up else Status.FAILED
    call.ended_by = EndedBy.CALLER if gave_up else EndedBy.ERROR
    call.ended_at = happening.at
    if had_stream:
        CallEvent.objects.create(call=call, name="server lost")
        if happening.seconds is not None:
            call.duration_ms = 1_000 * happening.seconds


def _note_report(call: Call, status: str, seconds: int | None) -> None:
    """The last word stands, but nothing reopens a call that Twilio said was over."""
    if status and call.reported_status not in TWILIO_FINAL:
        call.reported_status = status[:16]
    if seconds is not None:
        call.reported_seconds = seconds


def _write_fact(
    call: Call, happening: CustomerKnown | Used | RecordingChanged | Summarised
) -> None:
    match happening:
        case CustomerKnown():
            call.customer_name, call.customer_key = happening.name[:200], happening.key
        case Used():
            more = {name: F(name) + getattr(happening, name) for name in COUNTED}
            Call.objects.filter(pk=call.pk).update(**more)
            return
        case RecordingChanged():
            # A file that comes after the erasure is kept in mind for calls/retention.py to delete.
            if call.recording_state != RecordingState.ERASED:
                call.recording_state = happening.state
            call.recording = happening.path or call.recording
            if number_has_no_use(call):
                call.from_number = ""
        case Summarised():
            call.summary, call.details = happening.summary, dict(happening.details)
    call.save()


def _write_line(
    call: Call, happening: Milestone | Said | ToolRan | ToolsOffered | StreamReported
) -> None:
    match happening:
        case Milestone(name=name, at_ms=at_ms, detail=detail):
            CallEvent.objects.create(call=call, name=name, at_ms=at_ms, detail=detail[:200])
            note_timing(call, happening)
        case StreamReported():
            CallEvent.objects.get_or_create(
                call=call, name=happening.event, detail=happening.detail[:200]
            )
        case Said():
            Utterance.objects.create(call=call, **_fields(happening))
        case ToolRan():
            ToolRun.objects.create(call=call, **_fields(happening))
        case ToolsOffered():
            ToolOffer.objects.create(call=call, names=list(happening.names), at_ms=happening.at_ms)


def _fields(happening: Said | ToolRan) -> dict[str, object]:
    return {name: it for name, it in dataclasses.asdict(happening).items() if name != "call_sid"}


def _write_reply(reply: SurveyReplied) -> None:
    noted = survey_rows.take_reply(reply)
    if noted is None:
        return
    _event, made = CallEvent.objects.get_or_create(call=noted.call, name=noted.event)
    if made and noted.event == survey_rows.ASKED_AGAIN:
        from calls.survey.tasks import ask_again  # It posts to the log, which imports this.

        ask_again.enqueue(noted.call.call_sid)


def settled(usual_reply_ms: Mapping[int, float | None]) -> None:
    """These calls, by their keys, are counted; each with the median of its replies."""
    now = timezone.now()
    for pk, ms in usual_reply_ms.items():
        Call.objects.filter(pk=pk).update(settled_at=now, usual_reply_ms=ms)
