"""What was sent and what was heard, on a clock that the test moves."""

import asyncio
import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls import playout as playout_module
from calls.played import BYTES_PER_SECOND
from calls.playout import Playout
from tests.calls.fake_clock import FakeClock
from tests.calls.samples import STREAM_SID


class Peer:
    """Keeps what was sent, and echoes what a test tells it to."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.clock = FakeClock()
        self.playout = Playout(STREAM_SID, self._take, self.clock)

    async def _take(self, text: str) -> None:
        self.messages.append(json.loads(text))

    @property
    def events(self) -> list[str]:
        return [message["event"] for message in self.messages]


@pytest.fixture
async def peer() -> Peer:
    return Peer()


async def test_it_sends_audio_as_base64_of_the_raw_bytes(peer: Peer) -> None:
    await peer.playout.send_audio(b"\x00\x7f\xff")
    assert peer.messages == [
        {
            "event": "media",
            "streamSid": STREAM_SID,
            "media": {"payload": base64.b64encode(b"\x00\x7f\xff").decode()},
        }
    ]


async def test_it_counts_a_mark_as_heard_when_it_is_echoed(peer: Peer) -> None:
    await peer.playout.send_audio(bytes(800))
    mark = await peer.playout.send_mark("reply")
    assert not mark.reached.done()
    peer.playout.mark_echoed(mark.name)
    assert await peer.playout.heard(mark) is True


async def test_it_gives_every_mark_a_name_of_its_own(peer: Peer) -> None:
    marks = [await peer.playout.send_mark("same") for _ in range(3)]
    await peer.playout.clear()
    marks += [await peer.playout.send_mark("same") for _ in range(3)]
    assert len({mark.name for mark in marks}) == 6


async def test_it_tells_the_waiters_that_a_cleared_mark_was_not_heard(peer: Peer) -> None:
    await peer.playout.send_audio(bytes(80_000))
    mark = await peer.playout.send_mark("reply")
    waiter = asyncio.create_task(peer.playout.heard(mark))
    await asyncio.sleep(0)
    await peer.playout.clear()
    assert await waiter is False
    assert peer.events == ["media", "mark", "clear"]


async def test_it_does_not_take_the_echo_that_follows_a_clear_for_heard(peer: Peer) -> None:
    before = await peer.playout.send_mark("reply")
    await peer.playout.clear()
    after = await peer.playout.send_mark("reply")
    peer.playout.mark_echoed(before.name)  # Twilio flushed it: it was never played.
    assert before.reached.result() is False
    assert not after.reached.done()
    peer.playout.mark_echoed(after.name)
    assert after.reached.result() is True


@pytest.mark.parametrize("name", ["", "0-99-unknown", "greeting", '"}', "0-1-reply-"])
async def test_it_ignores_marks_it_never_sent(peer: Peer, name: str) -> None:
    mark = await peer.playout.send_mark("reply")
    peer.playout.mark_echoed(name)
    assert not mark.reached.done()


async def test_it_takes_a_repeated_echo_calmly(peer: Peer) -> None:
    mark = await peer.playout.send_mark("reply")
    peer.playout.mark_echoed(mark.name)
    peer.playout.mark_echoed(mark.name)
    assert mark.reached.result() is True


async def test_it_believes_the_clock_when_an_echo_is_lost(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playout_module, "ECHO_GRACE_SECONDS", 0.01)
    await peer.playout.send_audio(bytes(160))
    mark = await peer.playout.send_mark("reply")
    peer.clock.advance(1.0)  # Its audio must long be over.
    async with asyncio.timeout(1.0):
        assert await peer.playout.heard(mark) is True


async def test_it_gives_an_echo_a_moment_before_it_believes_the_clock(peer: Peer) -> None:
    mark = await peer.playout.send_mark("reply")
    peer.clock.advance(1.0)
    waiter = asyncio.create_task(peer.playout.heard(mark))
    done, _ = await asyncio.wait([waiter], timeout=0.05)
    assert not done
    await peer.playout.clear()
    assert await waiter is False


async def test_it_does_not_believe_the_clock_before_the_audio_is_over(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playout_module, "ECHO_GRACE_SECONDS", 0.0)
    await peer.playout.send_audio(bytes(8 * 60_000))
    mark = await peer.playout.send_mark("reply")
    waiter = asyncio.create_task(peer.playout.heard(mark))
    done, _ = await asyncio.wait([waiter], timeout=0.05)
    assert not done
    await peer.playout.clear()
    assert await waiter is False


async def test_it_wakes_every_waiter_with_false_when_it_is_closed(peer: Peer) -> None:
    await peer.playout.send_audio(bytes(80_000))
    marks = [await peer.playout.send_mark("reply") for _ in range(3)]
    waiters = [asyncio.create_task(peer.playout.heard(mark)) for mark in marks]
    waiters.append(asyncio.create_task(peer.playout.drained()))
    await asyncio.sleep(0)
    peer.playout.close()
    async with asyncio.timeout(1.0):
        assert await asyncio.gather(*waiters) == [False] * 4


async def test_it_sends_nothing_once_it_is_closed(peer: Peer) -> None:
    peer.playout.close()
    await peer.playout.send_audio(bytes(160))
    await peer.playout.clear()
    async with asyncio.timeout(1.0):
        assert await peer.playout.drained() is False
    assert peer.messages == []


async def test_it_survives_a_waiter_that_gives_up(peer: Peer) -> None:
    mark = await peer.playout.send_mark("reply")
    waiter = asyncio.create_task(peer.playout.heard(mark))
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait([waiter])
    peer.playout.mark_echoed(mark.name)
    assert await peer.playout.heard(mark) is True


async def test_it_knows_what_lies_in_the_buffer(peer: Peer) -> None:
    assert peer.playout.lead_seconds == 0.0
    await peer.playout.send_audio(bytes(BYTES_PER_SECOND))
    assert peer.playout.lead_seconds == pytest.approx(1.0)
    peer.clock.advance(0.4)
    assert peer.playout.lead_seconds == pytest.approx(0.6)
    await peer.playout.send_audio(bytes(BYTES_PER_SECOND // 2))
    assert peer.playout.lead_seconds == pytest.approx(1.1)
    await peer.playout.clear()
    assert peer.playout.lead_seconds == 0.0


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.integers(1, 16_000)), max_size=20))
async def test_its_lead_is_that_of_a_buffer_played_at_8000_bytes_a_second(
    pieces: list[tuple[float, int]],
) -> None:
    peer, buffered_bytes = Peer(), 0.0
    for gap_seconds, size_bytes in pieces:
        peer.clock.advance(gap_seconds)
        buffered_bytes = max(0.0, buffered_bytes - gap_seconds * BYTES_PER_SECOND) + size_bytes
        await peer.playout.send_payload("AAAA", size_bytes)
        assert peer.playout.lead_seconds == pytest.approx(buffered_bytes / 8_000, abs=1e-6)
        mark = await peer.playout.send_mark("piece")
        assert mark.due_at == pytest.approx(peer.clock() + buffered_bytes / 8_000, abs=1e-6)


async def test_it_sends_nothing_that_would_not_fit_into_twilios_buffer(peer: Peer) -> None:
    for _ in range(700):
        await peer.playout.send_payload("", BYTES_PER_SECOND)
    assert len(peer.messages) == 600
    assert peer.playout.lead_seconds == 600.0
    peer.clock.advance(2.0)
    for _ in range(5):
        await peer.playout.send_payload("", BYTES_PER_SECOND)
    assert len(peer.messages) == 602


async def test_it_knows_how_much_was_sent_since_a_mark_came_back(peer: Peer) -> None:
    await peer.playout.send_audio(bytes(8_000))
    mark = await peer.playout.send_mark("reply")
    peer.playout.mark_echoed("made up")
    assert peer.playout.unanswered_seconds == 1.0
    peer.playout.mark_echoed(mark.name)
    assert peer.playout.unanswered_seconds == 0.0


async def test_it_knows_how_long_it_has_sent_nothing(peer: Peer) -> None:
    peer.clock.advance(20.0)
    assert peer.playout.idle_seconds == 20.0
    await peer.playout.send_mark("alive")
    assert peer.playout.idle_seconds == 0.0


async def test_it_goes_on_over_another_stream(peer: Peer) -> None:
    await peer.playout.send_audio(bytes(80_000))
    old = await peer.playout.send_mark("reply")
    there: list[dict[str, Any]] = []

    async def send_there(text: str) -> None:
        there.append(json.loads(text))

    peer.playout.move("MZ2", send_there)
    assert peer.playout.lead_seconds == 0.0
    assert await peer.playout.heard(old) is False, "nobody hears what the old stream had not played"
    await peer.playout.send_audio(bytes(800))
    new = await peer.playout.send_mark("reply")
    assert [message["streamSid"] for message in there] == ["MZ2", "MZ2"]
    peer.playout.mark_echoed(old.name)
    assert not new.reached.done()
