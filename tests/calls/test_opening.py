"""What a call opens with, by the hour and by what there is to play."""

import asyncio
import logging
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from calls.greeting import GreetingPlayback
from calls.line import CallLine
from calls.models import EndedBy
from calls.opening import (
    Beginning,
    FirstWords,
    Opening,
    choose_opening,
    first_words,
    leave_after,
    open_call,
)
from calls.playout import Playout
from calls.session_tools import SessionTools
from calls.timing import CallClock, Timings
from catalog.snapshot import ClipAudio, OpenInterval, OutOfHours
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_clock import FakeClock, let_callbacks_run
from tests.calls.samples import AGENT, CALL_SID, STREAM_SID, agent, clip

LISBON = ZoneInfo("Europe/Lisbon")
MORNING = datetime(2026, 3, 9, 10, 0, tzinfo=LISBON)  # a Monday
NIGHT = datetime(2026, 3, 9, 23, 0, tzinfo=LISBON)
NINE_TO_FIVE = (OpenInterval(0, 9 * 60, 17 * 60),)
GREETING, CLOSED = clip(text="Good day."), clip(text="We are closed.")


@pytest.mark.parametrize(
    ("now", "hours", "closed_clip", "then", "expected"),
    [
        (MORNING, NINE_TO_FIVE, CLOSED, OutOfHours.CONVERSE, FirstWords(GREETING)),
        (MORNING, NINE_TO_FIVE, CLOSED, OutOfHours.HANG_UP, FirstWords(GREETING)),
        (NIGHT, NINE_TO_FIVE, CLOSED, OutOfHours.CONVERSE, FirstWords(CLOSED)),
        (NIGHT, NINE_TO_FIVE, CLOSED, OutOfHours.HANG_UP, FirstWords(CLOSED, end_call=True)),
        # Nothing to tell the caller first: nobody is hung up on without a word.
        (NIGHT, NINE_TO_FIVE, None, OutOfHours.HANG_UP, FirstWords(GREETING)),
        (NIGHT, (), CLOSED, OutOfHours.HANG_UP, FirstWords(GREETING)),
    ],
)
def test_the_first_words_go_by_the_business_hours(
    now: datetime,
    hours: tuple[OpenInterval, ...],
    closed_clip: ClipAudio | None,
    then: OutOfHours,
    expected: FirstWords,
) -> None:
    spec = agent(
        greeting_clip=GREETING, out_of_hours_clip=closed_clip, out_of_hours=then, hours=hours
    )
    assert first_words(spec, now) == expected


@pytest.mark.parametrize(
    ("audio_enabled", "direct", "has_clip", "text", "opening"),
    [
        (True, True, True, "Hello.", Opening.CLIP),
        (True, False, True, "Hello.", Opening.CLIP_THROUGH_PIPELINE),
        (True, True, False, "Hello.", Opening.SPOKEN_TEXT),
        (True, True, False, "", Opening.MODEL),
        (False, True, True, "Hello.", Opening.MODEL),
        (False, True, False, "", Opening.MODEL),
    ],
)
def test_it_chooses_who_says_the_first_words(
    audio_enabled: bool, direct: bool, has_clip: bool, text: str, opening: Opening
) -> None:
    spec = agent(greeting_clip=clip() if has_clip else None, greeting_text=text)
    first = FirstWords(spec.greeting_clip)
    assert choose_opening(spec, first, audio_enabled=audio_enabled, direct=direct) is opening


def test_it_raises_an_alarm_when_the_clip_is_missing(caplog: pytest.LogCaptureFixture) -> None:
    choose_opening(agent(), FirstWords(None), audio_enabled=True, direct=True)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_call_that_ends_with_its_clip_needs_no_pipeline_to_play_it() -> None:
    opening = choose_opening(
        AGENT, FirstWords(CLOSED, end_call=True), audio_enabled=True, direct=False
    )
    assert opening is Opening.CLIP


class Call:
    """A line whose peer echoes a mark when the test says so, and an agent that notes its orders."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.marks: list[str] = []
        self.orders: list[str] = []
        self.playout = Playout(STREAM_SID, self._send_text, self.clock)
        tools = SessionTools(AGENT, None)
        self.line = CallLine(CALL_SID, self.playout, CallClock(self.clock), Timings(), tools)
        self.gate = self

    async def _send_text(self, text: str) -> None:
        if '"mark"' in text:
            self.marks.append(text.split('"name":"')[1].split('"')[0])

    async def play(self) -> GreetingPlayback:
        self.line.greeting = GreetingPlayback(CLOSED, self.playout, self.clock)
        await self.line.greeting.send()
        return self.line.greeting

    async def hear_it_all(self) -> None:
        for mark in self.marks:
            self.playout.mark_echoed(mark)
        await let_callbacks_run()

    # As the agent -----------------------------------------------------------------

    async def open(self) -> None:
        self.orders.append("open the gate")

    async def play_clip(self, played: ClipAudio) -> None:
        self.orders.append(f"play {played.text}")

    async def say(self, text: str) -> None:
        self.orders.append(f"say {text}")

    async def open_conversation(self) -> None:
        self.orders.append("open the conversation")


@pytest.fixture
async def call(posted: PostedHappenings) -> Call:
    return Call()


async def test_it_lets_the_caller_be_answered_once_the_clip_was_heard(call: Call) -> None:
    await call.play()
    opened = asyncio.create_task(
        open_call(call, call.line, AGENT, Beginning(FirstWords(CLOSED), Opening.CLIP, True))  # type: ignore[arg-type]
    )
    await let_callbacks_run()
    assert not call.orders
    await call.hear_it_all()
    await asyncio.wait_for(opened, 2.0)
    assert call.orders == ["open the gate"]


@pytest.mark.parametrize(
    ("opening", "order"),
    [
        (Opening.CLIP_THROUGH_PIPELINE, "play We are closed."),
        (Opening.SPOKEN_TEXT, "say Hello, how can I help you?"),
        (Opening.MODEL, "open the conversation"),
    ],
)
async def test_what_the_agent_opens_waits_until_it_is_ready(
    call: Call, opening: Opening, order: str
) -> None:
    opened = asyncio.create_task(
        open_call(call, call.line, AGENT, Beginning(FirstWords(CLOSED), opening, True))  # type: ignore[arg-type]
    )
    await let_callbacks_run()
    assert not call.orders
    call.line.agent_is_ready()
    await asyncio.wait_for(opened, 2.0)
    assert call.orders == [order]


async def test_it_ends_the_call_only_when_the_clip_was_heard_to_its_end(call: Call) -> None:
    leaving = asyncio.create_task(leave_after(call.line, await call.play()))
    await let_callbacks_run()
    assert call.line.ended_by is None
    await call.hear_it_all()
    await asyncio.wait_for(leaving, 2.0)
    assert call.line.ended_by is EndedBy.AGENT
    assert call.line.greeting is not None and call.line.greeting.settled
    assert not call.orders, "nobody else has said a word"


async def test_it_ends_a_call_whose_caller_left_first_as_the_callers(call: Call) -> None:
    leaving = asyncio.create_task(leave_after(call.line, await call.play()))
    await let_callbacks_run()
    call.line.end(EndedBy.CALLER)
    call.playout.close()
    await asyncio.wait_for(leaving, 2.0)
    assert call.line.ended_by is EndedBy.CALLER
