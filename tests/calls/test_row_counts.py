"""What /metrics counts of rows, through a real journal and a real database."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from calls import call_rows, journal_rows, metrics
from calls.call_log import CallLog
from calls.happenings import (
    CallOver,
    Happening,
    Lost,
    RecordingChanged,
    StatusReported,
    StreamBegan,
    TurnedAway,
)
from calls.models import Call, EndedBy, RecordingState
from calls.settling import settle
from calls.timing import Timings
from tests.calls.samples import CALL_SID, OTHER_CALL_SID, STREAM_SID

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
BEGAN = StreamBegan(CALL_SID, STREAM_SID, AT)
OVER = CallOver(CALL_SID, EndedBy.AGENT, AT, 30_000.0, Timings())
FAILED = RecordingChanged(CALL_SID, RecordingState.FAILED)

Write = Callable[..., None]


def figures() -> dict[str, float]:
    value = metrics.registry.get_sample_value
    found = {by: value("calls_ended_total", {"by": by}) for by in EndedBy.values}
    found["lost"] = value("calls_lost_total")
    found["recordings"] = value("recordings_failed_total")
    return {name: it or 0.0 for name, it in found.items()}


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.setattr(journal_rows, "RETRY_SECONDS", 0.01)
    log = CallLog()

    def write(*happenings: Happening) -> None:
        for happening in happenings:
            log.post(happening)
        assert log.flush(10.0)

    return write


def counted(before: dict[str, float]) -> dict[str, float]:
    return {name: it - before[name] for name, it in figures().items() if it != before[name]}


def test_a_call_is_counted_once_it_is_final_who_ended_it(write: Write) -> None:
    """Another server writes Twilio's word on the call before its session's."""
    before = figures()
    write(StatusReported(CALL_SID, "completed", AT), BEGAN)
    assert Call.objects.get().ended_by == "caller"
    write(OVER)
    assert counted(before) == {}
    settle()
    settle()
    assert counted(before) == {"agent": 1}


def test_a_call_of_a_dead_process_is_counted_as_lost(write: Write) -> None:
    before = figures()
    write(BEGAN, Lost(CALL_SID, AT), TurnedAway(OTHER_CALL_SID, "", "", "all lines busy", AT))
    assert counted(before) == {"lost": 1}
    settle()
    assert counted(before) == {"error": 1, "lost": 1, "turned-away": 1}


def test_a_caller_who_gave_up_while_it_rang_is_not_lost(write: Write) -> None:
    before = figures()
    write(Lost(CALL_SID, AT, "no-answer"))
    settle()
    assert counted(before) == {"caller": 1}


def test_a_recording_that_failed_is_counted(write: Write) -> None:
    before = figures()
    write(BEGAN, FAILED)
    assert counted(before) == {"recordings": 1}


def test_what_was_rolled_back_is_counted_once_when_it_is_written(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = figures()
    really_write, failures = call_rows.write, [OperationalError()]

    def write_and_fail_once_at_the_second(happening: Happening) -> EndedBy | None:
        if happening == OVER and failures:
            raise failures.pop()
        return really_write(happening)

    monkeypatch.setattr(call_rows, "write", write_and_fail_once_at_the_second)
    write(FAILED, OVER)
    assert failures == []
    assert counted(before) == {"recordings": 1}
