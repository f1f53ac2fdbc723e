"""Timings that stand in the row before the call is over: its server may be lost by then."""

from calls.happenings import Milestone
from calls.models import Call

COLUMNS = {"agent ready": "agent_ready_ms", "first model token": "first_llm_response_ms"}


def note_timing(call: Call, milestone: Milestone) -> None:
    """The first of its kind stands. A server that resumes the call measures none of them anew."""
    column = COLUMNS.get(milestone.name)
    if column is not None and getattr(call, column) is None:
        setattr(call, column, milestone.at_ms)
        call.save(update_fields=[column])
