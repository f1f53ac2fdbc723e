"""The live calls of a process: admitted, held, ended, forgotten."""

import asyncio

import pytest

from calls import metrics
from calls.live import LiveCalls
from calls.models import EndedBy
from tests.calls.samples import CALL_SID, OTHER_CALL_SID


class FakeSession:
    """Runs until it is ended."""

    def __init__(self, call_sid: str = CALL_SID) -> None:
        self.call_sid = call_sid
        self.agent_id = 1
        self.ended_by: EndedBy | None = None
        self.over = asyncio.Event()
        self.last_words = asyncio.Event()

    def end(self, by: EndedBy) -> None:
        self.ended_by = by
        self.over.set()

    async def run(self) -> None:
        await self.over.wait()
        self.last_words.set()


@pytest.mark.parametrize(
    ("live", "waiting", "limit", "admitted"),
    [(0, 0, 1, True), (1, 0, 1, False), (0, 1, 1, False), (1, 1, 3, True), (1, 2, 3, False)],
)
async def test_it_admits_calls_up_to_a_limit_that_counts_those_on_their_way(
    live: int, waiting: int, limit: int, admitted: bool
) -> None:
    calls = LiveCalls()
    sessions = [FakeSession(f"CA{number:032x}") for number in range(live)]
    for session in sessions:
        calls.run(session, session.run())
    assert calls.admits(limit, waiting) is admitted
    calls.end_all(EndedBy.DRAIN)
    assert await calls.ended(1.0)


async def test_it_holds_a_call_until_its_task_is_done() -> None:
    calls, session = LiveCalls(), FakeSession()
    calls.run(session, session.run())
    assert (len(calls), CALL_SID in calls, OTHER_CALL_SID in calls) == (1, True, False)
    session.end(EndedBy.CALLER)
    assert CALL_SID in calls, "its last words are still to come"
    assert await calls.ended(1.0)
    assert session.last_words.is_set()
    assert (len(calls), CALL_SID in calls) == (0, False)


async def test_it_ends_every_call_and_waits_for_their_last_words() -> None:
    calls = LiveCalls()
    sessions = [FakeSession(f"CA{number:032x}") for number in range(5)]
    for session in sessions:
        calls.run(session, session.run())
    calls.end_all(EndedBy.DRAIN)
    assert await calls.ended(1.0)
    assert {session.ended_by for session in sessions} == {EndedBy.DRAIN}
    assert all(session.last_words.is_set() for session in sessions)


async def test_it_says_when_waiting_took_too_long() -> None:
    calls, session = LiveCalls(), FakeSession()
    calls.run(session, session.run())
    assert await calls.ended(0.01) is False
    session.end(EndedBy.CALLER)
    assert await calls.ended(1.0)


async def test_it_has_ended_at_once_when_nobody_is_on_the_line() -> None:
    assert await LiveCalls().ended(0.0) is True


async def test_it_forgets_a_call_whose_task_failed() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    calls, session = LiveCalls(), FakeSession()
    calls.run(session, fail())
    assert await calls.ended(1.0)
    assert len(calls) == 0


async def test_it_does_not_forget_the_newer_session_of_a_call_with_the_older_one() -> None:
    calls, older, newer = LiveCalls(), FakeSession(), FakeSession()
    calls.run(older, older.run())
    calls.run(newer, newer.run())
    older.end(EndedBy.ERROR)
    await older.last_words.wait()
    await asyncio.sleep(0)
    assert CALL_SID in calls
    newer.end(EndedBy.CALLER)
    assert await calls.ended(1.0)


async def test_it_shows_how_many_calls_are_live() -> None:
    calls, session = LiveCalls(), FakeSession()
    calls.run(session, session.run())
    assert metrics.registry.get_sample_value("live_calls") == 1.0
    session.end(EndedBy.CALLER)
    assert await calls.ended(1.0)
    assert metrics.registry.get_sample_value("live_calls") == 0.0
