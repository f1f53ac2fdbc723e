"""A line on which nothing comes any more: suspected, then lost, and never too soon."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from calls import line_watch
from calls.line import CallLine
from calls.line_watch import watch
from calls.playout import Playout
from calls.session_tools import SessionTools
from calls.timing import CallClock, Timings
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_clock import FakeClock
from tests.calls.samples import AGENT, CALL_SID, STREAM_SID


class Watched:
    """`heard`: whether messages came before each check; the clock moves with the checks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock, self.sent, self.lost_at = FakeClock(0.0), [], None
        self.playout = Playout(STREAM_SID, self._send, self.clock)
        self.line = CallLine(
            CALL_SID, self.playout, CallClock(self.clock), Timings(), SessionTools(AGENT, None)
        )
        self.stream: Any = SimpleNamespace(messages=0)
        self.late_seconds = 0.0
        self.comes = lambda seconds: True
        monkeypatch.setattr(line_watch, "asyncio", SimpleNamespace(sleep=self._sleep))

    async def _send(self, text: str) -> None:
        self.sent.append(text)

    async def _sleep(self, seconds: float) -> None:
        self.clock.advance(seconds + self.late_seconds)
        self.late_seconds = 0.0
        if self.comes(self.clock()):
            self.stream.messages += 25
        await asyncio.sleep(0)

    def _lost(self) -> None:
        self.lost_at = self.clock()

    async def until(self, seconds: float) -> float | None:
        """When it was lost, if it was within so long."""
        task = asyncio.create_task(watch(self.line, self.stream, self._lost))
        while not task.done() and self.clock() < seconds:
            await asyncio.sleep(0)
        task.cancel()
        return self.lost_at


@pytest.fixture
async def watched(monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings) -> Watched:
    return Watched(monkeypatch)


def events(posted: PostedHappenings) -> list[tuple[str, int]]:
    return [(it.name, round((it.at_ms or 0) / 1000)) for it in posted.happenings]  # type: ignore[union-attr]


async def test_a_line_that_lives_is_let_be(watched: Watched, posted: PostedHappenings) -> None:
    assert await watched.until(14.0) is None
    assert posted.happenings == []


@pytest.mark.parametrize("last_heard", [0.0, 2.0, 60.0])
async def test_silence_is_suspect_after_three_seconds_and_the_end_after_five(
    watched: Watched, posted: PostedHappenings, last_heard: float
) -> None:
    watched.comes = lambda seconds: seconds <= last_heard
    lost_at = await watched.until(100.0)
    assert lost_at is not None and 5.0 <= lost_at - last_heard <= 5.5
    suspected, lost = events(posted)
    assert suspected[0] == "nothing from Twilio" and 3 <= suspected[1] - last_heard <= 4
    assert lost[0] == "line lost"


@pytest.mark.parametrize("stall_seconds", [1.0, 3.4, 4.9])
async def test_a_shorter_stall_is_outlived(watched: Watched, stall_seconds: float) -> None:
    watched.comes = lambda seconds: not 2.0 < seconds < 2.0 + stall_seconds
    assert await watched.until(12.0) is None


async def test_a_stall_of_our_own_is_not_taken_for_silence(watched: Watched) -> None:
    watched.comes = lambda seconds: seconds < 2.0 or seconds > 32.0
    watched.late_seconds = 30.0
    assert await watched.until(40.0) is None


async def test_a_peer_that_answers_no_mark_for_ten_minutes_of_audio_is_gone(
    watched: Watched,
) -> None:
    for _ in range(599):
        await watched.playout.send_payload("", 8_000)
        watched.clock.advance(1.0)
    watched.clock.now = 0.0
    assert await watched.until(2.0) is None
    await watched.playout.send_payload("", 8_000)
    assert await watched.until(4.0) is not None


async def test_it_says_something_on_a_line_on_which_the_agent_is_silent(watched: Watched) -> None:
    await watched.until(100.0)
    assert 5 <= len(watched.sent) <= 7
    assert all('"event":"mark"' in text and "alive" in text for text in watched.sent)
