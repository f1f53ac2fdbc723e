"""A caller who waits for a tool hears so, and never while somebody speaks."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from calls import one_moment
from calls.greeting import GreetingHeard
from calls.one_moment import OneMoment
from calls.playout import Playout
from calls.timing import CallClock
from catalog.snapshot import ClipAudio
from tests.calls.samples import STREAM_SID, clip

CLIP = clip(100, text="One moment, please.")


class Line:
    def __init__(self, the_clip: ClipAudio | None = CLIP) -> None:
        self.sent: list[str] = []
        self.heard: list[GreetingHeard] = []
        self.playout = Playout(STREAM_SID, self._send)
        self.began_ms: list[float] = []
        self.one_moment = OneMoment(the_clip, self.playout, CallClock().ms, self._was_heard)

    def _was_heard(self, began_ms: float, heard: GreetingHeard) -> None:
        self.began_ms.append(began_ms)
        self.heard.append(heard)

    async def _send(self, text: str) -> None:
        if '"media"' in text:
            self.sent.append(text)

    async def wait_for_a_tool(self, seconds: float) -> None:
        with self.one_moment.while_waiting():
            await asyncio.sleep(seconds)


@pytest.fixture(autouse=True)
async def soon(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A second takes 50 ms; afterwards no task is left."""
    monkeypatch.setattr(one_moment, "AFTER_SECONDS", 0.05)
    monkeypatch.setattr(one_moment, "AGAIN_SECONDS", 0.3)
    yield
    await asyncio.sleep(0.01)
    assert [task for task in asyncio.all_tasks() if task.get_name() == "one moment"] == []


async def test_a_quick_tool_needs_no_word() -> None:
    line = Line()
    await line.wait_for_a_tool(0.01)
    await asyncio.sleep(0.1)
    assert line.sent == []


async def test_a_slow_tool_is_bridged_from_memory() -> None:
    line = Line()
    await line.wait_for_a_tool(0.2)
    assert len(line.sent) == 1
    line.one_moment.settle()
    assert [(heard.text, heard.interrupted) for heard in line.heard] == [
        ("One moment, please.", False)
    ]
    assert 50.0 <= line.began_ms[0] < 200.0


async def test_who_has_waited_in_silence_before_hears_it_sooner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(one_moment, "AFTER_SECONDS", 2.0)
    monkeypatch.setattr(one_moment, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(one_moment, "SOONEST_SECONDS", 0.02)
    line = Line()
    line.one_moment.caller_speaks(False)
    await asyncio.sleep(0.3)  # until it is sure that they have finished
    await line.wait_for_a_tool(0.3)
    assert len(line.sent) == 1


async def test_what_was_heard_a_moment_ago_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_moment, "AFTER_SECONDS", 2.0)
    monkeypatch.setattr(one_moment, "SILENT_SECONDS", 0.5)
    line = Line()
    line.one_moment.caller_speaks(False)
    await asyncio.sleep(0.5)
    await line.playout.send_audio(bytes(8 * 20))
    line.sent.clear()
    await line.wait_for_a_tool(0.2)
    assert line.sent == []


async def test_several_tools_at_once_are_waited_for_as_one() -> None:
    line = Line()
    await asyncio.gather(*(line.wait_for_a_tool(0.2) for _tool in range(3)))
    assert len(line.sent) == 1


async def test_a_very_slow_tool_is_bridged_again() -> None:
    line = Line()
    await line.wait_for_a_tool(0.65)
    assert len(line.sent) == 2


async def test_it_waits_until_what_is_being_said_is_over() -> None:
    line = Line()
    await line.playout.send_audio(bytes(8 * 200))
    line.sent.clear()
    await line.wait_for_a_tool(0.12)
    assert line.sent == [], "the reply that asked for the tool was still playing"
    await line.wait_for_a_tool(0.2)
    assert len(line.sent) == 1


async def test_it_does_not_speak_into_the_caller() -> None:
    line = Line()
    line.one_moment.caller_speaks(True)
    await line.wait_for_a_tool(0.15)
    assert line.sent == []
    line.one_moment.caller_speaks(False)
    await line.wait_for_a_tool(0.15)
    assert len(line.sent) == 1


async def test_a_caller_who_interrupts_it_heard_only_a_part() -> None:
    line = Line(clip(10_000, text="One moment, please. I am looking that up for you."))
    await line.wait_for_a_tool(0.1)
    line.one_moment.interrupted()
    (heard,) = line.heard
    assert heard.interrupted
    assert heard.heard_ms < 1_000.0


async def test_an_agent_without_such_a_clip_says_nothing() -> None:
    line = Line(None)
    await line.wait_for_a_tool(0.15)
    assert line.sent == []
