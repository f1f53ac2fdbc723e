"""Each message of the stream goes where it belongs; what does not belong costs nobody the call."""

import time
from typing import Any

import pytest

from calls import metrics
from calls.caller_stream import SILENCE, CallerStream
from calls.line import CallLine
from calls.media_streams import (
    Connected,
    Dtmf,
    Ignored,
    Malformed,
    Mark,
    Media,
    Message,
    StreamStopped,
)
from calls.models import EndedBy
from calls.playout import Playout
from calls.refusals import Refused
from calls.session_tools import SessionTools
from calls.timing import CallClock, Timings
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_clock import FakeClock
from tests.calls.samples import AGENT, CALL_SID, STREAM_SID
from tests.calls.waiting_audio import take_waiting

FRAME = bytes(range(160))
ANOTHER_STREAM = "MZ" + "0" * 32


class Keys:
    def __init__(self) -> None:
        self.pressed: list[str] = []

    def key_pressed(self, digit: str) -> None:
        self.pressed.append(digit)


class Recorder:
    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def hear(self, audio: bytes) -> None:
        self.heard.append(audio)


class Stream:
    """A stream whose clock the test moves, and where its messages went."""

    def __init__(self) -> None:
        self.clock, self.keys, self.recorder = FakeClock(), Keys(), Recorder()
        self.playout = Playout(STREAM_SID, self._send, self.clock)
        tools = SessionTools(AGENT, None)
        self.line = CallLine(CALL_SID, self.playout, CallClock(self.clock), Timings(), tools)
        keys: Any = self.keys
        recorder: Any = self.recorder
        self.stream = CallerStream(STREAM_SID, self.line, keys, recorder)
        self.sent = 0

    async def _send(self, text: str) -> None:
        return

    def media(self, timestamp_ms: int, audio: bytes = FRAME, sid: str = STREAM_SID) -> Media:
        self.sent += 1
        return Media(sid, audio, self.sent, timestamp_ms)

    def take(self, *messages: Message, every_seconds: float = 0.02) -> list[Refused]:
        """Why each was refused that was."""
        refused = []
        for message in messages:
            self.clock.advance(every_seconds)
            why = self.stream.take(message)
            refused += [why] if why is not None else []
        return refused

    @property
    def heard(self) -> list[bytes]:
        return take_waiting(self.line)


@pytest.fixture
async def call(posted: PostedHappenings) -> Stream:
    return Stream()


async def test_it_hears_the_caller(call: Stream) -> None:
    assert call.take(*(call.media(20 * number) for number in range(50))) == []
    assert call.heard == call.recorder.heard == [FRAME] * 50
    assert call.stream.messages == 50


async def test_it_puts_silence_where_audio_is_missing(call: Stream) -> None:
    call.take(call.media(0), call.media(520), every_seconds=0.52)
    assert call.heard == [FRAME, *[SILENCE] * 5, FRAME]
    assert call.recorder.heard == [FRAME, FRAME], "it knows the time by its own clock"


async def test_gaps_that_are_made_up_do_not_fill_the_memory(call: Stream) -> None:
    call.take(*(call.media(100_000 * number) for number in range(200)), every_seconds=0.01)
    heard_seconds = sum(map(len, call.heard)) / 8_000
    assert heard_seconds <= 2.0 + 200 * 0.02 + 0.1, "as long as it took, and what was sent"


async def test_gaps_that_are_made_up_close_no_call(call: Stream) -> None:
    call.take(*(call.media(10_000 * number) for number in range(20)))
    assert call.take(*(call.media(200_000 + 20 * number) for number in range(400))) == []


async def test_it_hears_nothing_twice(call: Stream) -> None:
    first, second = call.media(0, b"\x01" * 160), call.media(20, b"\x02" * 160)
    assert call.take(first, second, first, second, call.media(40)) == []
    assert call.heard == [first.audio, second.audio, FRAME]


async def test_it_takes_marks_keys_and_the_end(call: Stream) -> None:
    mark = await call.playout.send_mark("greeting")
    assert call.take(Mark(STREAM_SID, mark.name, 1), Dtmf(STREAM_SID, "5", 2)) == []
    assert mark.reached.result() is True
    assert call.keys.pressed == ["5"]
    assert call.take(StreamStopped(STREAM_SID, 3)) == []
    assert call.line.ended_by is EndedBy.CALLER


async def test_it_ignores_what_comes_after_the_end(call: Stream) -> None:
    call.take(StreamStopped(STREAM_SID))
    late = [call.media(0), Malformed("not JSON"), Dtmf(STREAM_SID, "1")] * 20
    assert call.take(*late) == []
    assert (call.heard, call.keys.pressed) == ([], [])


@pytest.mark.parametrize(
    "message",
    [
        Malformed("not JSON"),
        Connected(),
        Media(ANOTHER_STREAM, FRAME, 1, 0),
        Mark(ANOTHER_STREAM, "0-1-greeting", 1),
        Dtmf(ANOTHER_STREAM, "1", 1),
        StreamStopped(ANOTHER_STREAM, 1),
    ],
    ids=lambda message: type(message).__name__,
)
async def test_it_bears_twenty_messages_that_do_not_belong_here(
    call: Stream, message: Message
) -> None:
    before = metrics.malformed_messages._value.get()
    assert call.take(*[message] * 20, every_seconds=0.3) == []
    assert call.take(call.media(0)) == []
    assert call.take(message) == [Refused.MALFORMED]
    assert call.heard == [FRAME]
    assert call.line.ended_by is None, "the session says how a call ended"
    assert metrics.malformed_messages._value.get() == before + 21


async def test_it_does_not_bear_five_of_them_in_a_second(call: Stream) -> None:
    assert call.take(*[Malformed("not JSON")] * 5, every_seconds=0.1) == [Refused.MALFORMED]


async def test_it_bears_any_number_of_events_that_twilio_may_add(call: Stream) -> None:
    assert call.take(*[Ignored()] * 1_000) == []


@pytest.mark.parametrize(
    "message", [Ignored(), Mark(STREAM_SID, "mine"), Media(STREAM_SID, FRAME)], ids=repr
)
async def test_it_bears_no_flood_of_anything(call: Stream, message: Message) -> None:
    refused = call.take(*[message] * 600, every_seconds=0.0)
    assert set(refused) == {Refused.FLOOD}
    assert len(refused) == 100


async def test_it_goes_on_over_another_stream(call: Stream) -> None:
    call.take(call.media(60_000))
    call.stream.moved(ANOTHER_STREAM)
    audio = b"\x03" * 160
    assert call.take(Media(ANOTHER_STREAM, audio, 1, 0), call.media(60_020)) == []
    assert call.heard == [FRAME, audio], "timestamps begin anew, and the old stream is not heard"


async def test_a_frame_costs_microseconds(call: Stream) -> None:
    frames = [call.media(20 * number) for number in range(2_000)]
    began = time.process_time()
    call.take(*frames)
    assert (time.process_time() - began) / len(frames) < 50e-6
