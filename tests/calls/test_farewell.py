"""How a call ends when we end it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from calls import farewell
from calls.call_limits import end_at_the_limit
from calls.farewell import leave_when_asked, put_down
from calls.line import CallLine
from calls.models import EndedBy
from calls.never_silent import apologise_when_broken
from calls.playout import PlayMark, Playout
from calls.session_tools import SessionTools
from calls.socket import Socket
from calls.timing import CallClock, Timings
from catalog.tools.context import TransferTarget
from tests.calls.conftest import PostedHappenings
from tests.calls.samples import CALL_SID, STREAM_SID, agent, clip

PATIENCE_SECONDS = 2.0


class FakeAgent:
    """Says nothing until it is let; then its goodbye has been sent, and may be heard."""

    def __init__(self, line: CallLine) -> None:
        self._line = line
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.sent: asyncio.Future[PlayMark]

    async def say_and_mark(self, text: str) -> "asyncio.Future[PlayMark]":
        self.sent = asyncio.get_running_loop().create_future()
        self.said.put_nowait(text)
        return self.sent

    async def has_sent_it(self) -> PlayMark:
        mark = await self._line.playout.send_mark("spoken")
        self.sent.set_result(mark)
        return mark


class Call:
    def __init__(self) -> None:
        self.messages: list[str] = []
        tools = SessionTools(agent(transfer_targets=(DESK,)), None)
        playout = Playout(STREAM_SID, self._send_text)
        self.line = CallLine(CALL_SID, playout, CallClock(), Timings(), tools)
        self.agent = FakeAgent(self.line)
        self.duty: asyncio.Task[None] | None = None

    async def _send_text(self, text: str) -> None:
        self.messages.append(text)

    async def hears_to_the_end(self) -> None:
        """What is being said from memory; its last mark comes back."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.line.playout._pending:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
        for name in list(self.line.playout._pending):
            self.line.playout.mark_echoed(name)

    def attend(self, duty: Coroutine[Any, Any, None]) -> None:
        self.duty = asyncio.create_task(duty)

    async def over(self) -> EndedBy | None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.line.over.wait()
        return self.line.ended_by


@pytest.fixture
async def call(posted: PostedHappenings) -> AsyncIterator[Call]:
    call = Call()
    yield call
    if call.duty is not None:
        call.duty.cancel()
        await asyncio.wait([call.duty])


async def goodbye_begun(call: Call) -> None:
    await call.line.tools.end_call("Goodbye!")
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await call.agent.said.get() == "Goodbye!"


async def test_it_leaves_only_after_the_goodbye_was_heard(call: Call) -> None:
    call.attend(leave_when_asked(call.agent, call.line))
    await goodbye_begun(call)
    assert call.line.is_leaving
    mark = await call.agent.has_sent_it()
    await asyncio.sleep(0.01)
    assert not call.line.over.is_set(), "sent is not heard"
    call.line.playout.mark_echoed(mark.name)
    assert await call.over() is EndedBy.AGENT


@pytest.mark.parametrize("sent", [False, True])
async def test_it_stays_when_the_caller_speaks_during_the_goodbye(call: Call, sent: bool) -> None:
    call.attend(leave_when_asked(call.agent, call.line))
    await goodbye_begun(call)
    if sent:
        await call.agent.has_sent_it()
    await asyncio.sleep(0.01)
    await call.line.interrupted()
    await asyncio.sleep(0.01)
    assert not call.line.over.is_set()
    assert not call.line.is_leaving
    await goodbye_begun(call)  # And it can say goodbye again.
    call.line.playout.mark_echoed((await call.agent.has_sent_it()).name)
    assert await call.over() is EndedBy.AGENT


DESK = TransferTarget("", "+351200000020")


async def announcement_begun(call: Call) -> None:
    await call.line.tools.transfer(DESK, "One moment.", "Wants a person.")
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await call.agent.said.get() == "One moment."


async def test_it_hands_over_only_after_the_announcement_was_heard(call: Call) -> None:
    call.attend(leave_when_asked(call.agent, call.line))
    await announcement_begun(call)
    mark = await call.agent.has_sent_it()
    await asyncio.sleep(0.01)
    assert not call.line.over.is_set() and call.line.tools.handing_over is None
    call.line.playout.mark_echoed(mark.name)
    assert await call.over() is EndedBy.TRANSFER
    agreed = call.line.tools.handing_over
    assert agreed is not None
    assert (agreed.hand_over_to, agreed.summary) == (DESK, "Wants a person.")
    call.line.end(EndedBy.DRAIN)  # A shutdown that comes later hangs up on nobody.
    assert call.line.ended_by is EndedBy.TRANSFER


@pytest.mark.parametrize("sent", [False, True])
async def test_a_caller_who_interrupts_the_announcement_is_not_handed_over(
    call: Call, sent: bool
) -> None:
    call.attend(leave_when_asked(call.agent, call.line))
    await announcement_begun(call)
    if sent:
        await call.agent.has_sent_it()
    await asyncio.sleep(0.01)
    await call.line.interrupted()
    await asyncio.sleep(0.01)
    assert not call.line.over.is_set()
    assert call.line.tools.handing_over is None
    await goodbye_begun(call)
    call.line.playout.mark_echoed((await call.agent.has_sent_it()).name)
    assert await call.over() is EndedBy.AGENT


@pytest.mark.parametrize("by", [EndedBy.TIMEOUT, EndedBy.DRAIN, EndedBy.CALLER])
async def test_a_call_that_ends_in_the_announcement_is_not_handed_over(
    call: Call, by: EndedBy
) -> None:
    call.attend(leave_when_asked(call.agent, call.line))
    await announcement_begun(call)
    mark = await call.agent.has_sent_it()
    call.line.end(by)
    call.line.playout.mark_echoed(mark.name)
    await asyncio.sleep(0.01)
    assert call.line.ended_by is by


async def test_it_leaves_when_the_goodbye_cannot_be_spoken(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(farewell, "GOODBYE_SECONDS", 0.01)
    call.attend(leave_when_asked(call.agent, call.line))
    await goodbye_begun(call)
    assert await call.over() is EndedBy.AGENT


async def test_it_apologises_from_memory_when_a_provider_is_lost(call: Call) -> None:
    call.attend(apologise_when_broken(call.line, agent(apology_clip=clip(1_000))))
    await asyncio.sleep(0.01)
    assert call.messages == []
    call.line.provider_failed("tts", "server", for_good=True)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(call.messages) < 4:
            await asyncio.sleep(0)
    assert ["media" in message for message in call.messages] == [True, False, True, False]
    assert not call.line.over.is_set(), "sent is not heard"
    for name in list(call.line.playout._pending):
        call.line.playout.mark_echoed(name)
    assert await call.over() is EndedBy.ERROR


async def test_an_agent_without_a_clip_apologises_with_what_ships(call: Call) -> None:
    call.attend(apologise_when_broken(call.line, agent(apology_clip=None)))
    call.line.provider_failed("stt", "connectivity", for_good=True)
    await call.hears_to_the_end()
    assert await call.over() is EndedBy.ERROR
    assert sum("media" in message for message in call.messages) >= 2


async def test_a_person_takes_the_call_when_one_works_now(call: Call) -> None:
    call.attend(apologise_when_broken(call.line, agent(transfer_targets=(DESK,))))
    call.line.provider_failed("stt", "connectivity", for_good=True)
    await call.hears_to_the_end()
    assert await call.over() is EndedBy.ERROR
    assert call.line.tools.handing_over is not None
    assert call.line.tools.handing_over.hand_over_to == DESK


async def test_it_says_goodbye_to_a_call_at_its_limit(call: Call) -> None:
    call.attend(end_at_the_limit(call.line, agent(max_call_seconds=0)))
    await call.hears_to_the_end()
    assert await call.over() is EndedBy.TIMEOUT


class Twilio:
    """Hangs up when told to, and then closes the stream, or does not."""

    def __init__(self, answers: bool, closes: bool) -> None:
        self.told: list[str] = []
        self.codes: list[int] = []
        self._answers, self._closes = answers, closes
        self.socket = Socket(self._ignore, self._close)

    async def hang_up(self, call_sid: str) -> bool:
        self.told.append(call_sid)
        if self._closes:
            asyncio.get_running_loop().call_later(0.01, self.socket.closed.set)
        return self._answers

    async def _ignore(self, _text: str) -> None: ...

    async def _close(self, code: int) -> None:
        self.codes.append(code)


@pytest.mark.parametrize(
    ("answers", "closes", "codes"),
    [(True, True, []), (True, False, [1000]), (False, False, [1000])],
    ids=["Twilio closes the stream", "Twilio forgets to", "Twilio cannot be told"],
)
async def test_the_socket_is_closed_whatever_twilio_does(
    monkeypatch: pytest.MonkeyPatch, answers: bool, closes: bool, codes: list[int]
) -> None:
    twilio = Twilio(answers, closes)
    hang_up: Callable[[str], Coroutine[Any, Any, bool]] = twilio.hang_up
    monkeypatch.setattr(farewell, "hang_up", hang_up)
    monkeypatch.setattr(farewell, "HANG_UP_SECONDS", 0.1)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await put_down(CALL_SID, twilio.socket)
    assert (twilio.told, twilio.codes) == ([CALL_SID], codes)
    assert twilio.socket.closed.is_set()


async def test_a_caller_waits_for_twilio_no_longer_than_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twilio = Twilio(answers=True, closes=False)

    async def never(_call_sid: str) -> bool:
        await asyncio.sleep(60.0)
        return True

    monkeypatch.setattr(farewell, "hang_up", never)
    async with asyncio.timeout(2.0):
        await put_down(CALL_SID, twilio.socket)
    assert twilio.codes == [1000], "the closed socket takes the call on to /stream-ended"
