"""The order of a call, and the owner of its tasks."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from calls import call_limits, loop_lag, metrics, warmup
from calls.call_log import call_log
from calls.caller_stream import CallerStream
from calls.customer_in_prompt import CustomerInPrompt
from calls.farewell import leave_when_asked
from calls.greeting import GreetingHeard, GreetingPlayback
from calls.happenings import CallOver, Milestone, StreamBegan
from calls.line import CallLine
from calls.line_watch import watch
from calls.live_page.carrier import carry
from calls.media_streams import Message
from calls.models import EndedBy
from calls.never_silent import apologise_when_broken, bridge_until_ready
from calls.opening import (
    Opening,
    choose_opening,
    first_words,
    leave_after,
    open_call,
    send_first_clips,
    with_announcement,
    words_before_the_model,
)
from calls.parting import part
from calls.playout import Playout
from calls.prompting import system_prompt
from calls.ran_with import ran_with
from calls.recording.announcement import announce
from calls.recording.recorder import recorder_of
from calls.refusals import Refused
from calls.session_tools import SessionTools
from calls.socket import Socket
from calls.survey.spoken import SpokenSurvey
from calls.tickets import CallTicket
from calls.timing import CallClock, Timings
from calls.tool_stages import follow_stages
from catalog.presence import PROCESS_ID
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

    def __init__(
        self, ticket: CallTicket, stream_sid: str, socket: Socket, clock: CallClock
    ) -> None:
        """`clock` began when `start` came: what redeeming its token took is the caller's wait."""
        self.call_sid = ticket.call_sid
        self._ticket = ticket
        self._spec = ticket.agent
        self.agent_id = ticket.agent.agent_id
        self._snapshot = ticket.snapshot
        self._socket = socket
        self._clock = clock
        self._timings = Timings()
        self._playout = Playout(stream_sid, socket.send_text)
        self._tools = SessionTools(self._spec, ticket.caller_number)
        self._line = CallLine(self.call_sid, self._playout, self._clock, self._timings, self._tools)
        self._line.on_greeting_over = self._greeting_over
        self._survey = SpokenSurvey(self._spec)
        self._recorder = recorder_of(self._spec, self.call_sid, clock.started_at)
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
        self._stream = CallerStream(stream_sid, self._line, self._survey, self._recorder)

    # From the socket ------------------------------------------------------------

    async def begin(self) -> None:
        """The stream has started: the greeting goes out before anything else is done."""
        if self._recorder is not None:
            self._line.announcement = announce(self._spec, self._recorder, self._playout)
        clip = self._first.clip
        if self._opening is Opening.CLIP and clip is not None:
            self._line.greeting = GreetingPlayback(clip, self._playout)
            self._line.greeting_protected = (
                self._first.end_call or self._spec.greeting_policy == GreetingPolicy.PROTECTED
            )
        if settings.GREETING_PACING == "burst":
            await send_first_clips(self._line)

    def came_by(self, *, rang_at: float, opened_at: float) -> None:
        """When the phone rang and the socket opened, both monotonic seconds, for the record."""
        for name, moment in (("webhook", rang_at), ("upgrade", opened_at)):
            call_log.post(Milestone(self.call_sid, name, self._clock.ms_at(moment)))

    def feed(self, message: Message) -> Refused | None:
        """Take one message of the stream. Why it has to be closed now, if so."""
        refused = self._stream.take(message)
        if refused is not None:
            self._line.end(EndedBy.ERROR)
        return refused

    def take_over(self, stream_sid: str, socket: Socket) -> bool:
        """Go on over a new stream of this call: the newest wins. False when the call is over.

        The old one is closed, without a hang-up. What it had not played is lost.
        """
        if self._line.over.is_set():
            return False
        self._line.settle_announcement(interrupted=True)
        self._line.settle_greeting(interrupted=True)
        self._playout.move(stream_sid, socket.send_text)
        self._stream.moved(stream_sid)
        self._socket.close_soon()
        self._socket = socket
        self._line.milestone("stream replaced")
        call_log.post(StreamBegan(self.call_sid, stream_sid, timezone.now(), PROCESS_ID))
        return True

    def end(self, by: EndedBy) -> None:
        """End the call from outside: hang up, and close its row."""
        self._line.end(by)

    def gone(self, socket: Socket, *, cleanly: bool) -> None:
        """A socket is closed, without a `stop`: a hang-up only if the close gives a reason."""
        socket.closed.set()
        if socket is self._socket:
            self._line.end(EndedBy.CALLER if cleanly else EndedBy.ERROR)

    def _lost(self) -> None:
        """Nobody is at the other end of the stream."""
        self._socket.close_soon()
        self._line.end(EndedBy.ERROR)

    # The call -------------------------------------------------------------------

    async def run(self) -> None:
        """Carry the call to its end and close its row. Never raises."""
        # Daphne's transport writes when the loop turns next: without this turn, the greeting would
        # lie in its buffer until the pipeline is built, 5-10 ms.
        await asyncio.sleep(0)
        loop_lag.watch()
        metrics.calls_started.inc()
        carry(self._line, self._ticket, lambda: self._agent)
        ran = ran_with(self._spec, self._snapshot, self._first.clip)
        stream_sid = self._playout.stream_sid
        call_log.post(StreamBegan(self.call_sid, stream_sid, timezone.now(), PROCESS_ID, ran))
        watching = asyncio.create_task(watch(self._line, self._stream, self._lost), name="watch")
        try:
            await self._converse()
        except Exception:  # A root: whatever went wrong in this call stays in this call.
            logger.exception("Call %s failed.", self.call_sid)
        finally:
            self._line.end(EndedBy.ERROR)
            watching.cancel()
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
            greeting_text=words_before_the_model(self._line),
        )
        running = asyncio.create_task(self._agent.run(), name="pipeline")
        running.add_done_callback(lambda _task: self._line.end(EndedBy.ERROR))
        try:
            await self._attend(
                open_call(self._agent, self._line, self._spec, self._first, self._opening),
                known.keep_current(self._agent),
                follow_stages(
                    self._agent, self._line, self._tools_on_offer, at_start, self._spec.tools_later
                ),
                leave_when_asked(self._agent, self._line, self._survey),
                bridge_until_ready(self._line),
                apologise_when_broken(self._line, self._spec),
                *call_limits.duties(self._agent, self._line, self._spec),
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

    def _greeting_over(self, heard: GreetingHeard) -> None:
        if self._agent is not None:
            self._agent.greeting_was_heard(with_announcement(self._line, heard.text))

    def _tools_on_offer(self, stage: Stage) -> tuple[ToolSpec, ...]:
        return tools_on_offer(self._snapshot, self._spec, stage)

    # The end --------------------------------------------------------------------

    async def _finish(self) -> None:
        """The call is over: write the row, hang up if the caller is still there, close."""
        self._line.settle_announcement(interrupted=True)
        self._line.settle_greeting(interrupted=True)
        self._line.reply_wait.is_over()
        self._line.one_moment.stop()
        self._playout.close()
        if self._recorder is not None:
            self._recorder.end()
        self._ticket.prefetch.cancel()
        ended_by = self._line.ended_by or EndedBy.ERROR
        if ended_by is EndedBy.TRANSFER and self._socket.closed.is_set():
            ended_by = EndedBy.CALLER  # They hung up before anybody was dialled.
        call_log.post(
            CallOver(self.call_sid, ended_by, timezone.now(), self._clock.ms(), self._timings)
        )
        await part(self.call_sid, ended_by, self._socket, self._tools, self._line.milestone)
        await self._line.runner.finish()
