"""catalog/presence.py: which processes answer calls, as the database knows it."""

import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import ServingProcess
from catalog.presence import BEAT_SECONDS, GONE_SECONDS, Presence
from tests.calls.fake_clock import FakeClock

pytestmark = pytest.mark.django_db


class Process:
    """A process, with a clock in the test's hands."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.process_id = uuid.uuid4().hex
        self.presence = Presence(self.clock, self.process_id)

    @property
    def rows(self) -> QuerySet[ServingProcess]:
        return ServingProcess.objects.filter(pk=self.process_id)

    def forget(self) -> None:
        """So that the next row tells that it was written again."""
        self.rows.delete()


@pytest.fixture
def process() -> Process:
    return Process()


def test_it_is_there_at_once(process: Process) -> None:
    process.presence.show(7, "")
    row = process.rows.get()
    assert (row.revision, row.problem) == (7, "")
    assert row.host and row.pid and str(row) == f"{row.host} ({row.pid})"
    assert abs(timezone.now() - row.seen_at) < timedelta(seconds=30)
    assert row.started_at <= row.seen_at


def test_it_is_written_again_after_five_seconds_and_not_before(process: Process) -> None:
    process.presence.show(7, "")
    process.forget()
    process.clock.advance(BEAT_SECONDS - 0.1)
    process.presence.show(7, "")
    assert not process.rows.exists()
    process.clock.advance(0.2)
    process.presence.show(7, "")
    assert process.rows.exists(), "also when somebody else took it for dead meanwhile"


@pytest.mark.parametrize("change", [(8, ""), (7, "The clip is gone."), (None, "")])
def test_a_change_is_written_at_once(process: Process, change: tuple[int | None, str]) -> None:
    process.presence.show(7, "")
    process.presence.show(*change)
    row = process.rows.get()
    assert (row.revision, row.problem) == change


def test_a_change_that_could_not_be_written_is_written_the_next_time(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.presence.show(7, "")

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as down:
        down.setattr(ServingProcess, "save", gone)
        with pytest.raises(OperationalError):
            process.presence.show(8, "")
    process.presence.show(8, "")
    assert process.rows.get().revision == 8


def test_it_leaves_without_a_trace(process: Process) -> None:
    other = Process()
    other.presence.show(7, "")
    process.presence.show(7, "")
    process.presence.leave()
    assert not process.rows.exists()
    assert other.rows.exists()


def test_it_may_leave_without_having_been_there(process: Process) -> None:
    process.presence.leave()
    assert not process.rows.exists()


def test_it_buries_those_that_were_not_heard_of_for_a_minute(process: Process) -> None:
    dead, alive = Process(), Process()
    for other, seconds in ((dead, GONE_SECONDS + 5), (alive, GONE_SECONDS - 5)):
        other.presence.show(7, "")
        other.rows.update(seen_at=timezone.now() - timedelta(seconds=seconds))
    process.presence.show(7, "")
    assert not dead.rows.exists()
    assert alive.rows.exists() and process.rows.exists()
