"""The order of a call, and the owner of its tasks."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from calls import metrics, warmup
from calls.call_log import call_log
from calls.customer_in_prompt import CustomerInPrompt
from calls.farewell import apologise_when_broken, end_at_the_limit, leave_when_asked, put_down
from calls.greeting import GreetingHeard, GreetingPlayback
from calls.happenings import CallOver, StreamBegan
from calls.line import CallLine
from calls.media_streams import Mark, Media, Message, StreamStopped
from calls.models import EndedBy
from calls.opening import Opening, choose_opening, first_words, leave_after, open_call
from calls.playout import Playout
from calls.prompting import system_prompt
from calls.session_tools import SessionTools
from calls.socket import Socket
from calls.stream_limits import StreamLimits
from calls.tickets import CallTicket
from calls.timing import CallClock, Timings
from calls.tool_stages import follow_stages
from calls.transfer import hand_over
from catalog.snapshot import GreetingPolicy
from catalog.stages import Stage
from catalog.tools.spec import ToolSpec
from catalog.tools_on_offer import tools_on_offer
from customers.records import CustomerRecord

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent

logger = logging.getLogger(__name__)


class CallSession:
    """One call from its `start` to its row. `begin()` first, then `run()` in a task of its own."""

    def __init__(self, ticket: CallTicket, stream_sid: str, socket: Socket) -> None:
        self.call_sid = ticket.call_sid
        self._ticket = ticket
        self._spec = ticket.agent
        self.agent_id = ticket.agent.agent_id
        self._snapshot = ticket.snapshot
        self._socket = socket
        self._clock = CallClock()
        self._timings = Timings()
        self._playout = Playout(stream_sid, socket.send_text)
        self._tools = SessionTools(self._spec, ticket.caller_number)
        self._line = CallLine(self.call_sid, self._playout, self._clock, self._timings, self._tools)
        self._line.on_greeting_over = self._greeting_over
        now = self._tools.now()
        self._closed = not self._spec.is_open(now)
        self._first = first_words(self._spec, now)
        self._opening = choose_opening(
            self._spec,
            self._first,
            audio_enabled=settings.GREETING_AUDIO_ENABLED,
            direct=settings.DIRECT_GREETING_INJECTION,
        )
        self._agent: Agent | None = None
        self._limits = StreamLimits()

    # From the socket ------------------------------------------------------------

    async def begin(self) -> None:
        """The stream has started: the greeting goes out before anything else is done."""
        clip = self._first.clip
        if self._opening is Opening.CLIP and clip is not None:
            self._line.greeting = GreetingPlayback(clip, self._playout)
            self._line.greeting_protected = (
                self._first.end_call or self._spec.greeting_policy == GreetingPolicy.PROTECTED
            )
            if settings.GREETING_PACING == "burst":
                await self._line.greeting.send()
                self._line.first_audio_was_sent()

    def feed(self, message: Message) -> None:
        """Take one message of the stream. Called for every media frame: it only sorts."""
        match message:
            case Media(stream_sid, audio) if stream_sid == self._playout.stream_sid:
                self._hear(audio)
            case Mark(stream_sid, name) if stream_sid == self._playout.stream_sid:
                self._playout.mark_echoed(name)
            case StreamStopped(stream_sid) if stream_sid == self._playout.stream_sid:
                self._line.end(EndedBy.CALLER)
            case _:
                self._count_malformed()

    def _hear(self, audio: bytes) -> None:
        if self._limits.takes(audio, self._clock.ms()):
            self._line.hear(audio)
        else:
            self._count_malformed()

    def end(self, by: EndedBy) -> None:
        """End the call from outside: hang up, and close its row."""
        self._line.end(by)

    def gone(self, *, cleanly: bool) -> None:
        """The socket is closed. Twilio says `stop` first; without it, only a close that gives a
        reason is a hang-up, and any other a fault of the line.
        """
        self._socket.closed.set()
        self._line.end(EndedBy.CALLER if cleanly else EndedBy.ERROR)

    def _count_malformed(self) -> None:
        if self._limits.one_more_malformed():
            self._line.end(EndedBy.ERROR)

    # The call -------------------------------------------------------------------

    async def run(self) -> None:
        """Carry the call to its end and close its row. Never raises."""
        # Daphne's transport writes when the loop turns next: without this turn, the greeting would
        # lie in its buffer until the pipeline is built, 5-10 ms.
        await asyncio.sleep(0)
        call_log.post(StreamBegan(self.call_sid, self._playout.stream_sid, timezone.now()))
        try:
            await self._converse()
        except Exception:  # A root: whatever went wrong in this call stays in this call.
            logger.exception("Call %s failed.", self.call_sid)
        finally:
            self._line.end(EndedBy.ERROR)
            await self._finish()

    async def _converse(self) -> None:
        if self._first.end_call and self._line.greeting is not None:
            await self._attend(leave_after(self._line, self._line.greeting))
            return
        build = await warmup.agent_builder()
        known = CustomerInPrompt(self._line, self._ticket.prefetch, self._prompt)
        prompt = await known.to_begin_with()
        at_start = self._tools_on_offer(self._spec.tools_at_start)
        self._line.runner.knows(at_start)
        self._agent = build(
            self._spec,
            line=self._line,
            system_prompt=prompt,
            tools=at_start,
            greeting_text=self._greeting_for_context(),
        )
        running = asyncio.create_task(self._agent.run(), name="pipeline")
        running.add_done_callback(lambda _task: self._line.end(EndedBy.ERROR))
        try:
            await self._attend(
                open_call(self._agent, self._line, self._spec, self._first, self._opening),
                known.keep_current(self._agent),
                follow_stages(
                    self._agent,
                    self._line,
                    self._tools_on_offer,
                    at_start,
                    self._spec.tools_later,
                ),
                leave_when_asked(self._agent, self._line),
                apologise_when_broken(self._line, self._spec.apology_clip),
                end_at_the_limit(self._line, self._spec.max_call_seconds),
            )
        finally:
            await self._agent.stop(running)

    async def _attend(self, *duties: Coroutine[Any, Any, None]) -> None:
        """Do these side by side until the call is over, or one of them fails."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(duty) for duty in duties]
            await self._line.over.wait()
            for task in tasks:
                task.cancel()

    def _prompt(self, customer: CustomerRecord | None) -> str:
        greeted = self._opening is not Opening.MODEL
        return system_prompt(
            self._spec, customer, self._tools.now(), greeted=greeted, closed=self._closed
        )

    # The greeting ---------------------------------------------------------------

    def _greeting_for_context(self) -> str | None:
        greeting = self._line.greeting
        if greeting is None:
            return None
        return greeting.settle(interrupted=False).text if greeting.settled else greeting.clip.text

    def _greeting_over(self, heard: GreetingHeard) -> None:
        if self._agent is not None:
            self._agent.greeting_was_heard(heard.text)

    # The tools ------------------------------------------------------------------

    def _tools_on_offer(self, stage: Stage) -> tuple[ToolSpec, ...]:
        return tools_on_offer(self._snapshot, self._spec, stage)

    # The end --------------------------------------------------------------------

    async def _finish(self) -> None:
        """The call is over: write the row, hang up if the caller is still there, close."""
        self._line.settle_greeting(interrupted=True)
        self._line.one_moment.interrupted()
        self._playout.close()
        self._ticket.prefetch.cancel()
        ended_by = self._line.ended_by or EndedBy.ERROR
        if ended_by is EndedBy.TRANSFER and self._socket.closed.is_set():
            ended_by = EndedBy.CALLER  # They hung up before anybody was dialled.
        metrics.calls_ended.labels(by=ended_by).inc()
        call_log.post(
            CallOver(self.call_sid, ended_by, timezone.now(), self._clock.ms(), self._timings)
        )
        if ended_by is EndedBy.CALLER:
            await self._socket.close()
        elif ended_by is EndedBy.TRANSFER:
            await hand_over(self.call_sid, self._socket, self._tools, self._line.milestone)
        elif not self._socket.closed.is_set():
            await put_down(self.call_sid, self._socket)
        await self._line.runner.finish()
