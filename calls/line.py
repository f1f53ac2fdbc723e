"""One call as the pipeline sees it: the caller's audio, the playout, and what happens on both."""

import asyncio
import logging
from collections.abc import Callable

from calls import metrics
from calls.call_cost import Usage
from calls.call_log import call_log
from calls.greeting import GreetingHeard, GreetingPlayback
from calls.happenings import Milestone, ToolsOffered, Used
from calls.inbox import Inbox
from calls.models import EndedBy
from calls.one_moment import OneMoment
from calls.playout import PlayMark, Playout
from calls.provider_troubles import ProviderTroubles
from calls.reply_wait import ReplyWait
from calls.session_tools import SessionTools
from calls.timing import CallClock, Timings
from calls.tool_record import record_of
from calls.tool_runner import ToolRequest, ToolRunner, ToolRunResult
from calls.transcript import Transcript

logger = logging.getLogger(__name__)


class CallLine:
    """Implements calls.pipeline.line.Line. The session reads its events."""

    def __init__(
        self,
        call_sid: str,
        playout: Playout,
        clock: CallClock,
        timings: Timings,
        tools: SessionTools,
    ) -> None:
        self.call_sid = call_sid
        self.tools = tools
        self.playout = playout
        self.clock = clock
        self.timings = timings
        self.transcript = Transcript(call_sid, clock, timings)
        self.so_far = self.transcript.so_far
        self.runner = ToolRunner(call_sid, tools, self._tool_ran)
        self.one_moment = OneMoment(
            tools.one_moment_clip, playout, clock.ms, lambda at, it: self.clip_was_heard(it, at)
        )
        self.usage = Usage()
        self._words_awaited = False
        self.pipeline_is_muted = False  # last words come from memory, and nothing after them
        self.goodbye_stands = False  # the call ends with it, whatever the caller says
        self._offered: tuple[str, ...] | None = None
        self.inbox = Inbox()
        self.ready, self.first_reply_sent = asyncio.Event(), asyncio.Event()
        self.not_understood = asyncio.Event()
        self.interruption = asyncio.Event()  # set and cleared at once: wakes who waits for it
        self.over, self.off = asyncio.Event(), asyncio.Event()  # off: over, or the stream is lost
        self.ended_by: EndedBy | None = None
        self.troubles = ProviderTroubles(call_sid, self.milestone, self.ready)
        self.provider_failed, self.stumbled = self.troubles.failed, self.troubles.stumbled
        self.failed_provider = self.troubles.lost
        self.reply_wait = ReplyWait(self.one_moment, self.troubles.no_reply)
        self.announcement: GreetingPlayback | None = None  # that the call is recorded
        self.greeting: GreetingPlayback | None = None
        self.greeting_protected = self.is_resumed = False  # resumed: `greeting` is "we are back"
        self.on_greeting_over: Callable[[GreetingHeard], None] = lambda heard: None
        self.on_saying: Callable[[str, str, str], None] = lambda call_sid, speaker, text: None

    # The caller -----------------------------------------------------------------

    def hear(self, audio: bytes) -> None:
        """Take a piece of the caller's audio. When nobody listens the oldest is dropped."""
        if not self.inbox.put(audio):
            metrics.unheard_audio.inc()

    def caller_started(self, start_seconds: float) -> None:
        self.one_moment.caller_speaks(True)
        self.transcript.caller_started(start_seconds)

    def caller_stopped(self, stop_seconds: float) -> None:
        self.one_moment.caller_speaks(False)
        self.transcript.caller_stopped(stop_seconds)

    def caller_is_saying(self, text: str) -> None:
        self.on_saying(self.call_sid, "caller", text)

    def words_awaited(self) -> None:
        if not self._words_awaited:
            self._words_awaited = True
            self.one_moment.begin_waiting()

    def words_came(self) -> None:
        if self._words_awaited:
            self._words_awaited = False
            self.one_moment.end_waiting()

    def nothing_understood(self) -> None:
        self.not_understood.set()

    def caller_said(self, text: str) -> None:
        self.transcript.caller_said(text)

    async def interrupted(self) -> None:
        if self.greeting_is_protected or self.goodbye_stands:
            return
        self.settle_greeting(interrupted=True)
        self.reply_wait.is_over()
        self.one_moment.interrupted()
        self.tools.leaving = False
        self.tools.interruptions += 1
        self.transcript.interrupted()
        self.interruption.set()
        self.interruption.clear()
        await self.playout.clear()

    # The greeting ---------------------------------------------------------------

    @property
    def greeting_is_playing(self) -> bool:
        return self.greeting is not None and not self.greeting.settled

    @property
    def greeting_is_protected(self) -> bool:
        if self.announcement is not None and not self.announcement.settled:
            return True
        return self.greeting_protected and self.greeting_is_playing

    def settle_announcement(self, *, interrupted: bool) -> None:
        """The announcement is over, heard or not. The first word on it stands."""
        if self.announcement is None or self.announcement.settled:
            return
        heard = self.announcement.settle(interrupted=interrupted)
        self.clip_was_heard(heard, self._began_ms(self.announcement))
        self.milestone("announcement interrupted" if interrupted else "announcement heard")

    def settle_greeting(self, *, interrupted: bool) -> None:
        """The greeting is over, heard or not. The first word on it stands."""
        if self.greeting is None or self.greeting.settled:
            return
        heard = self.greeting.settle(interrupted=interrupted)
        self.clip_was_heard(heard, self._began_ms(self.greeting))
        if not self.is_resumed:
            self.milestone("greeting interrupted" if interrupted else "greeting heard")
        self.on_greeting_over(heard)

    def _began_ms(self, clip: GreetingPlayback) -> float:
        return 0.0 if clip.begins_at is None else self.clock.ms_at(clip.begins_at)

    def clip_was_heard(self, heard: GreetingHeard, began_ms: float) -> None:
        if heard.text:
            self.transcript.clip_said(
                heard.text,
                began_ms=began_ms,
                heard_ms=heard.heard_ms,
                interrupted=heard.interrupted,
            )

    # The agent ------------------------------------------------------------------

    def agent_is_ready(self) -> None:
        if self.timings.agent_ready_ms is None and not self.is_resumed:
            self.timings.agent_ready_ms = self.clock.ms()
            metrics.pipeline_creation_time_ms.observe(self.timings.agent_ready_ms)
            self.milestone("agent ready")
        self.ready.set()

    def model_answered(self) -> None:
        if self.timings.first_llm_response_ms is None and not self.is_resumed:
            self.timings.first_llm_response_ms = self.clock.ms()
            metrics.first_llm_response_time_ms.observe(self.timings.first_llm_response_ms)
            self.milestone("first model token")

    def used(self, *, read: int = 0, cached: int = 0, written: int = 0, spoken: int = 0) -> None:
        self.usage.add(read=read, cached=cached, written=written, spoken=spoken)
        call_log.post(Used(self.call_sid, read, cached, written, spoken))

    def reply_started(self) -> None:
        self.first_audio_was_sent()  # unless a clip was sent before it
        self.reply_wait.is_over()
        self.one_moment.settle()
        self.transcript.reply_started()

    async def reply_sent(self) -> None:
        await self.playout.send_mark("reply")
        self.first_reply_sent.set()

    def agent_is_saying(self, text: str) -> None:
        self.on_saying(self.call_sid, "agent", text)

    def agent_said(self, text: str, *, interrupted: bool) -> None:
        if not self.pipeline_is_muted:
            self.transcript.agent_said(text, interrupted=interrupted)

    @property
    def is_leaving(self) -> bool:
        return self.tools.leaving

    async def spoken(self, request: "asyncio.Future[PlayMark]") -> None:
        if not request.done():
            request.set_result(await self.playout.send_mark("spoken"))

    def first_audio_was_sent(self) -> None:
        if self.timings.first_audio_ms is not None:
            return
        self.timings.first_audio_ms = self.clock.ms()
        metrics.greeting_start_latency_ms.observe(self.timings.first_audio_ms)
        self.milestone("first audio")

    # Tools ----------------------------------------------------------------------

    @property
    def language(self) -> str:
        return self.tools.language

    @property
    def interruptions(self) -> int:
        return self.tools.interruptions

    def model_asked(self, tool_names: tuple[str, ...]) -> None:
        self.reply_wait.begins()
        self.runner.shown(frozenset(tool_names))
        if tool_names != self._offered:
            self._offered = tool_names
            call_log.post(ToolsOffered(self.call_sid, tool_names, self.clock.ms()))

    async def run_tool(self, request: ToolRequest) -> ToolRunResult:
        with self.reply_wait.while_a_tool_runs():
            return await self.runner.run(request)

    def _tool_ran(self, request: ToolRequest, done: ToolRunResult) -> None:
        ran = record_of(self.call_sid, request, done, self.clock.ms())
        self.so_far.ran(ran)
        call_log.post(ran)

    # The end --------------------------------------------------------------------

    def end(self, by: EndedBy) -> None:
        """The call is over. Who says so first, ended it."""
        if self.ended_by is None:
            self.ended_by = by
            self.over.set()
            self.off.set()

    def milestone(self, name: str, detail: str = "") -> None:
        call_log.post(Milestone(self.call_sid, name, self.clock.ms(), detail))
