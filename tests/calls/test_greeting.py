"""What of the greeting was heard, by the marks and by the clock."""

import asyncio
import json

import pytest

from calls import greeting
from calls.greeting import GreetingPlayback
from calls.playout import Playout
from tests.calls.fake_clock import FakeClock, let_callbacks_run
from tests.calls.samples import STREAM_SID, clip


class Greeted:
    """A clip of 2 s, sent to a peer that echoes a mark when the test says so."""

    def __init__(self, duration_ms: int = 2_000) -> None:
        self.clock = FakeClock()
        self.sent_at: list[tuple[float, str]] = []
        self.mark_names: list[str] = []
        self.playout = Playout(STREAM_SID, self._take, self.clock)
        self.greeting = GreetingPlayback(clip(duration_ms), self.playout, self.clock)

    async def _take(self, text: str) -> None:
        message = json.loads(text)
        self.sent_at.append((self.clock(), message["event"]))
        if message["event"] == "mark":
            self.mark_names.append(message["mark"]["name"])

    async def echo(self, index: int) -> None:
        self.playout.mark_echoed(self.mark_names[index])
        await let_callbacks_run()


@pytest.fixture
async def greeted() -> Greeted:
    return Greeted()


async def test_it_sends_the_whole_clip_at_once(greeted: Greeted) -> None:
    await greeted.greeting.send()
    assert {moment for moment, _ in greeted.sent_at} == {greeted.clock()}
    assert [event for _, event in greeted.sent_at] == ["media", "mark"] * 4
    assert greeted.playout.lead_seconds == pytest.approx(2.0)


async def test_it_has_been_heard_for_nothing_before_it_is_sent(greeted: Greeted) -> None:
    greeted.clock.advance(5.0)
    assert greeted.greeting.heard_ms() == 0.0


async def test_it_goes_by_the_clock_until_the_first_mark_comes_back(greeted: Greeted) -> None:
    await greeted.greeting.send()
    greeted.clock.advance(0.7)
    assert greeted.greeting.heard_ms() == pytest.approx(700.0)
    greeted.clock.advance(60.0)
    assert greeted.greeting.heard_ms() == 2_000.0


async def test_it_trusts_a_mark_more_than_the_clock(greeted: Greeted) -> None:
    await greeted.greeting.send()
    greeted.clock.advance(0.9)  # The network held the audio back for 400 ms.
    await greeted.echo(0)
    assert greeted.greeting.heard_ms() == pytest.approx(500.0)
    greeted.clock.advance(0.2)
    assert greeted.greeting.heard_ms() == pytest.approx(700.0)


async def test_it_has_not_passed_a_mark_that_has_not_come_back(greeted: Greeted) -> None:
    await greeted.greeting.send()
    greeted.clock.advance(0.5)
    await greeted.echo(0)
    greeted.clock.advance(30.0)
    assert greeted.greeting.heard_ms() == 1_000.0


async def test_it_is_heard_whole_when_its_last_mark_comes_back(greeted: Greeted) -> None:
    await greeted.greeting.send()
    waiter = asyncio.create_task(greeted.greeting.heard_whole())
    for index in range(3):
        await greeted.echo(index)
    assert not waiter.done()
    await greeted.echo(3)
    assert await waiter is True


async def test_it_is_not_heard_whole_when_it_was_cleared(greeted: Greeted) -> None:
    await greeted.greeting.send()
    greeted.clock.advance(0.6)
    await greeted.echo(0)
    await greeted.playout.clear()
    await let_callbacks_run()
    assert await greeted.greeting.heard_whole() is False
    assert greeted.greeting.heard_ms() == pytest.approx(500.0)


async def test_it_was_not_heard_when_it_was_never_sent(greeted: Greeted) -> None:
    assert await greeted.greeting.heard_whole() is False


async def test_it_is_settled_once(greeted: Greeted) -> None:
    await greeted.greeting.send()
    greeted.clock.advance(1.0)
    assert not greeted.greeting.settled
    first = greeted.greeting.settle(interrupted=True)
    assert (first.text, first.heard_ms, first.interrupted) == ("one two", 1_000.0, True)
    greeted.clock.advance(1.0)
    assert greeted.greeting.settle(interrupted=False) is first
    assert greeted.greeting.settled


async def test_it_holds_the_whole_text_when_it_was_not_interrupted(greeted: Greeted) -> None:
    await greeted.greeting.send()
    heard = greeted.greeting.settle(interrupted=False)
    assert (heard.text, heard.heard_ms) == ("one two three four", 2_000.0)


async def test_it_sends_each_piece_when_it_is_due_for_a_peer_that_cannot_buffer(
    greeted: Greeted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "sleep", greeted.clock.sleep)
    began_at = greeted.clock()
    await greeted.greeting.send(realtime=True)
    media = [moment - began_at for moment, event in greeted.sent_at if event == "media"]
    lead = greeting.REALTIME_LEAD_SECONDS
    assert media == pytest.approx([0.0, 0.5 - lead, 1.0 - lead, 1.5 - lead])


async def test_it_stops_sending_in_real_time_when_it_was_interrupted(
    greeted: Greeted, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted_after_the_second_piece(seconds: float) -> None:
        await greeted.clock.sleep(seconds)
        if len(greeted.mark_names) == 2:
            greeted.greeting.settle(interrupted=True)

    monkeypatch.setattr(asyncio, "sleep", interrupted_after_the_second_piece)
    await greeted.greeting.send(realtime=True)
    assert [event for _, event in greeted.sent_at].count("media") == 2
