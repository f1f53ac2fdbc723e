"""Calls as they are on record some days later, with everything of their callers in them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from calls.call_rows import write
from calls.happenings import (
    CallOver,
    CallRang,
    CustomerKnown,
    Milestone,
    RecordingChanged,
    Said,
    StreamBegan,
    Summarised,
    ToolRan,
)
from calls.models import Call, CallReview, CallWords, EndedBy, RecordingState, Speaker, Survey
from calls.timing import Timings
from tests.calls.samples import CALLER_NUMBER, DIALLED_NUMBER

# Whatever of this stands somewhere after an erasure was not erased.
PERSONAL = ("Maria", "Silva", "200000002", "toothache", "Dr. Costa", "peanuts", "angry")


def sid(number: int) -> str:
    return f"CA{number:032x}"


def make_call(number: int = 1, *, days_ago: float = 0, over: bool = True, **changes: Any) -> Call:
    """Row by row as the call log writes it, with a review and a survey."""
    call_sid = sid(number)
    caller = changes.pop("from_number", CALLER_NUMBER)
    agent_key = changes.pop("agent_key", None)
    began = timezone.now() - timedelta(days=days_ago)
    happenings = [
        CallRang(call_sid, caller, DIALLED_NUMBER, "Reception", 42, 3.5, agent_key),
        StreamBegan(call_sid, f"MZ{number:032x}", began),
        CustomerKnown(call_sid, "Maria Silva", "7"),
        Said(call_sid, Speaker.CALLER, "It is Maria, I have a toothache.", 2_000.0, 3_900.0),
        Said(call_sid, Speaker.AGENT, "Since when, Maria?", 4_600.0, 6_000.0, False, 700.0),
        ToolRan(
            call_sid, "book", {"reason": "toothache"}, "ok", 7_000.0, 12.0, {"say": "Dr. Costa"}
        ),
        Milestone(call_sid, "transferred", 9_000.0, "Dr. Costa"),
        Summarised(call_sid, "Maria Silva has a toothache.", {"allergy": "peanuts"}),
    ]
    if over:
        timings = Timings(first_audio_ms=2.4, agent_ready_ms=48.0)
        happenings.append(CallOver(call_sid, EndedBy.CALLER, began, 83_000.0, timings))
    for happening in happenings:
        write(happening)
    call = Call.objects.get(call_sid=call_sid)
    if changes.pop("recording", None):
        write(RecordingChanged(call_sid, RecordingState.READY, f"{call_sid}.mp3"))
    CallWords.objects.create(call=call, text="It is Maria, I have a toothache.")
    CallReview.objects.create(call=call, rating=4, tags="booked", note="Maria sounded angry.")
    Survey.objects.create(call=call, channel="whatsapp", asked_at=began, score=5)
    # The rows are as old as they would be.
    Call.objects.filter(pk=call.pk).update(created_at=began, **changes)
    call.refresh_from_db()
    return call


def left_of(call: Call) -> str:
    """Everything that the rows of this call hold, as text."""
    call.refresh_from_db()
    rows = [call, *CallReview.objects.filter(call=call), *CallWords.objects.filter(call=call)]
    for related in ("utterances", "tool_runs", "tool_offers", "events", "deliveries"):
        rows += list(getattr(call, related).all())
    fields = [{name: value for name, value in vars(row).items() if name[0] != "_"} for row in rows]
    return " ".join(map(str, fields))


def personal_in(text: str) -> list[str]:
    return [word for word in PERSONAL if word in text]
