"""The call as the pipeline sees it: what it is told, and what becomes of that."""

import asyncio
from typing import Any

import pytest

from calls.greeting import GreetingHeard, GreetingPlayback
from calls.happenings import Milestone, Said, ToolRan, ToolsOffered
from calls.inbox import INBOX_PIECES
from calls.interruption import interrupted_before
from calls.line import CallLine
from calls.models import EndedBy
from calls.playout import PlayMark, Playout
from calls.session_tools import SessionTools
from calls.timing import CallClock, Timings
from calls.tool_runner import ToolRequest
from catalog.tools.context import ToolOutcome
from catalog.tools.registry import ToolSpec
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_clock import FakeClock
from tests.calls.samples import AGENT, CALL_SID, STREAM_SID, clip
from tests.calls.waiting_audio import take_waiting


class Call:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.messages: list[str] = []
        self.playout = Playout(STREAM_SID, self._send_text, self.clock)
        self.timings = Timings()
        tools = SessionTools(AGENT, None)
        self.line = CallLine(CALL_SID, self.playout, CallClock(self.clock), self.timings, tools)

    async def _send_text(self, text: str) -> None:
        self.messages.append(text)

    async def greet(self, *, protected: bool = False) -> None:
        self.line.greeting = GreetingPlayback(clip(2_000), self.playout, self.clock)
        self.line.greeting_protected = protected
        await self.line.greeting.send()
        self.line.first_audio_was_sent()


@pytest.fixture
async def call(posted: PostedHappenings) -> Call:
    return Call()


def milestones(posted: PostedHappenings) -> list[str]:
    return [event.name for event in posted.happenings if isinstance(event, Milestone)]


async def test_it_keeps_ten_seconds_of_what_nobody_listens_to_yet(call: Call) -> None:
    for number in range(INBOX_PIECES + 3):
        call.line.hear(number.to_bytes(2, "big"))
    waiting = take_waiting(call.line)
    assert len(waiting) == INBOX_PIECES
    assert waiting[0] == (3).to_bytes(2, "big"), "the oldest is dropped"


async def test_an_interruption_clears_what_is_playing_and_wakes_who_waits(call: Call) -> None:
    never: asyncio.Future[PlayMark] = asyncio.get_running_loop().create_future()
    waiter = asyncio.create_task(interrupted_before(call.line, never, 5.0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await call.line.interrupted()
    assert await waiter is True
    assert ["clear" in message for message in call.messages] == [True]


async def test_what_is_done_before_an_interruption_was_not_interrupted(call: Call) -> None:
    done: asyncio.Future[PlayMark] = asyncio.get_running_loop().create_future()
    done.set_result(await call.playout.send_mark("spoken"))
    assert await interrupted_before(call.line, done, 5.0) is False


async def test_it_waits_for_an_interruption_no_longer_than_it_was_told(call: Call) -> None:
    never: asyncio.Future[PlayMark] = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(1.0):
        assert await interrupted_before(call.line, never, 0.01) is False


async def test_an_interrupted_greeting_is_recorded_as_far_as_it_was_heard(
    call: Call, posted: PostedHappenings
) -> None:
    told: list[GreetingHeard] = []
    call.line.on_greeting_over = told.append
    await call.greet()
    call.clock.advance(1.0)
    await call.line.interrupted()
    assert not call.line.greeting_is_playing
    (said,) = posted.of_type(Said)
    assert (said.text, said.interrupted, said.end_ms) == ("one two", True, 1_000.0)
    assert [heard.text for heard in told] == ["one two"]
    call.line.settle_greeting(interrupted=False)
    assert len(told) == 1, "the first word on it stands"
    assert milestones(posted) == ["first audio", "greeting interrupted"]


async def test_a_greeting_of_which_nothing_was_heard_is_not_recorded(
    call: Call, posted: PostedHappenings
) -> None:
    await call.greet()
    await call.line.interrupted()
    assert posted.of_type(Said) == []


async def test_a_protected_greeting_is_not_interrupted(
    call: Call, posted: PostedHappenings
) -> None:
    await call.greet(protected=True)
    sent = len(call.messages)
    await call.line.interrupted()
    assert call.line.greeting_is_protected
    assert len(call.messages) == sent, "nothing was cleared"
    call.line.settle_greeting(interrupted=False)
    assert not call.line.greeting_is_protected
    await call.line.interrupted()
    assert "clear" in call.messages[-1]


async def test_who_says_first_that_it_is_over_ended_the_call(call: Call) -> None:
    call.line.end(EndedBy.CALLER)
    call.line.end(EndedBy.ERROR)
    assert call.line.over.is_set()
    assert call.line.ended_by is EndedBy.CALLER


async def test_it_notes_the_first_time_of_everything(call: Call, posted: PostedHappenings) -> None:
    for advance_seconds in (0.1, 0.4):
        call.clock.advance(advance_seconds)
        call.line.agent_is_ready()
        call.line.model_answered()
        call.line.reply_started()
    assert call.timings.agent_ready_ms == pytest.approx(100.0)
    assert call.timings.first_llm_response_ms == pytest.approx(100.0)
    assert call.timings.first_audio_ms == pytest.approx(100.0)
    assert milestones(posted) == ["agent ready", "first model token", "first audio"]


@pytest.mark.parametrize(
    ("provider", "ready", "for_good", "lost"),
    [
        ("llm", True, False, True),
        ("tts", True, False, True),
        ("stt", True, False, False),
        ("tts", False, False, False),
        ("stt", True, True, True),
        ("tts", False, True, True),
    ],
)
async def test_it_gives_a_call_up_only_when_the_caller_would_hear_nothing(
    call: Call, provider: str, ready: bool, for_good: bool, lost: bool
) -> None:
    if ready:
        call.line.agent_is_ready()
    call.line.provider_failed(provider, "server", for_good=for_good)
    assert call.line.failed_provider.is_set() is lost


async def test_it_records_what_the_model_is_offered_when_that_changes(
    call: Call, posted: PostedHappenings
) -> None:
    for names in (("book",), ("book",), ("book", "cancel")):
        call.line.model_asked(names)
    offers = posted.of_type(ToolsOffered)
    assert [offer.names for offer in offers] == [("book",), ("book", "cancel")]


async def test_it_records_every_tool_run(call: Call, posted: PostedHappenings) -> None:
    async def book(context: Any, **arguments: Any) -> ToolOutcome:
        return ToolOutcome(ok=True, data={"caller": context.caller.number})

    call.clock.advance(2.0)
    call.line.runner.knows([ToolSpec("book", "Books.", {}, book)])
    call.line.model_asked(("book",))
    done = await call.line.run_tool(ToolRequest("book", {"day": "Monday\x00"}))
    assert done.result.for_the_model() == {"ok": True, "caller": None}
    (ran,) = posted.of_type(ToolRan)
    assert (ran.name, ran.arguments, ran.outcome) == ("book", {"day": "Monday "}, "ok")
    assert ran.result == {"ok": True, "caller": None}
    assert ran.at_ms == pytest.approx(2_000.0, abs=500.0)
