"""The row of a call that was recorded."""

from calls.call_rows import write
from calls.happenings import CallRang, RecordingChanged
from calls.models import Call, RecordingState
from calls.recording import shelf

SID = "CA" + "2b" * 16


def recorded_call(state: RecordingState = RecordingState.READY) -> Call:
    write(CallRang(SID, "+351200000002", "+351200000001", "Reception", 1, 3.5))
    write(RecordingChanged(SID, state, shelf.name_of(SID)))
    return Call.objects.get(call_sid=SID)
