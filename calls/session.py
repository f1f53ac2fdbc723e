"""The order of a call, and the owner of its tasks."""

import asyncio
import logging

from django.utils import timezone

from calls import loop_lag, metrics, twiml
from calls.call_log import call_log
from calls.caller_stream import CallerStream
from calls.conversing import Conversing
from calls.happenings import CallOver, Milestone, StreamBegan
from calls.kept_twiml import note_over
from calls.line import CallLine
from calls.line_watch import watch
from calls.live_page.carrier import carried_elsewhere, carry
from calls.lost_line import Loss, LostLine
from calls.media_streams import Message
from calls.models import EndedBy
from calls.never_silent import apologise_in_time
from calls.opening import beginning_of, prepare_first_clips, send_first_clips
from calls.parting import part
from calls.pick_up import begin_again
from calls.playout import Playout
from calls.ran_with import ran_with
from calls.recording.recorder import recorder_of
from calls.refusals import Refused
from calls.session_tools import SessionTools
from calls.socket import Socket
from calls.standing import Standing, StandingKeeper, standing_of, take_up
from calls.survey.spoken import SpokenSurvey
from calls.tickets import CallTicket
from calls.timing import CallClock, Timings
from catalog.presence import PROCESS_ID

logger = logging.getLogger(__name__)


class CallSession:
    """One call from its `start` to its row. `begin()` first, then `run()` in a task of its own."""

    def __init__(
        self,
        ticket: CallTicket,
        stream_sid: str,
        socket: Socket,
        clock: CallClock,
        left: Standing | None = None,
    ) -> None:
        """`clock` began when `start` came: what redeeming its token took is the caller's wait.

        `left` is where another process left this call; then `clock` began with its first `start`.
        """
        self.call_sid = ticket.call_sid
        self._ticket = ticket
        self._spec = ticket.agent
        self.agent_id = ticket.agent.agent_id
        self._socket = socket
        self._clock = clock
        self._timings = Timings() if left is None else Timings(**left.timings)
        self._playout = Playout(stream_sid, socket.send_text)
        self._tools = SessionTools(self._spec, ticket.caller_number)
        self._line = CallLine(self.call_sid, self._playout, self._clock, self._timings, self._tools)
        # Another process's recording ends with it: a second one would take its place.
        self._recorder = (
            recorder_of(self._spec, self.call_sid, clock.started_at) if left is None else None
        )
        self._beginning = beginning_of(self._spec, self._tools.now())
        survey = SpokenSurvey(self._spec)
        self._conversing = Conversing(ticket, self._line, survey, self._beginning)
        self._stream = CallerStream(stream_sid, self._line, survey, self._recorder)
        self._keeper = StandingKeeper(self.call_sid, self._standing)
        self._lost = LostLine(ticket, self._line, self._keeper, 0 if left is None else 1)
        if left is not None:
            take_up(left, self._line)
        self._line.so_far.on_change = self._keeper.changed
        self._left = left

    # From the socket ------------------------------------------------------------

    async def begin(self) -> None:
        """The stream has started: the greeting goes out before anything else is done."""
        if self._left is None:
            prepare_first_clips(self._line, self._spec, self._beginning, self._recorder)
        else:
            begin_again(self._line, self._spec, self._beginning)
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

    def take_over(self, stream_sid: str, socket: Socket, *, resumes: bool) -> bool:
        """Go on over a new stream of this call: the newest wins. False when the call is over.

        The old one is closed, without a hang-up. What it had not played is lost. `resumes`: Twilio
        says that the old one is lost.
        """
        if self._line.over.is_set():
            return False
        if resumes:
            self._lost.lose(Loss())
        self._stream.moved(stream_sid)
        self._socket.close_soon()
        self._socket = socket
        self._began_over(stream_sid)
        if self._lost.is_lost:  # The pipeline that was may still be saying something.
            self._lost.back(lambda: self._playout.move(stream_sid, socket.send_text))
            return True
        self._line.settle_announcement(interrupted=True)
        self._line.settle_greeting(interrupted=True)
        self._playout.move(stream_sid, socket.send_text)
        self._line.milestone("stream replaced")
        return True

    def end(self, by: EndedBy) -> None:
        """End the call from outside: hang up, and close its row."""
        self._line.end(by)

    def gone(self, socket: Socket, *, cleanly: bool) -> None:
        """A socket is closed, without a `stop`: Twilio may connect the caller anew."""
        socket.closed.set()
        if socket is self._socket:
            self._lost.lose(Loss(cleanly=cleanly))

    def asked_what_comes_next(self) -> str:
        """Twilio says that the stream has ended. The TwiML it goes on with."""
        return twiml.hang_up() if self._line.over.is_set() else self._lost.asked()

    def was_asked(self) -> None:
        """Twilio says so too, and is told what was kept for it."""
        self._lost.was_asked()

    def is_over_at_twilio(self, status: str) -> None:
        """Twilio says that the call has ended."""
        self._lost.is_over_at_twilio(status)

    def _nobody_is_there(self) -> None:
        """At the other end of a connection that stands."""
        self._socket.close_soon()
        self._lost.lose(Loss(half_open=True))

    def milestone(self, name: str, detail: str = "") -> None:
        self._line.milestone(name, detail)

    def _began_over(self, stream_sid: str, *, first: bool = False) -> None:
        clip = self._beginning.first.clip
        ran = ran_with(self._spec, self._ticket.snapshot, clip) if first else None
        call_log.post(StreamBegan(self.call_sid, stream_sid, timezone.now(), PROCESS_ID, ran))

    # The call -------------------------------------------------------------------

    async def run(self) -> None:
        """Carry the call to its end and close its row. Never raises."""
        # Daphne without `serve` writes when the loop turns next: without this turn, the greeting
        # would lie in its buffer until the pipeline is built, 5-10 ms.
        await asyncio.sleep(0)
        loop_lag.watch()
        if self._left is None:
            metrics.calls_started.inc()
        carry(self._line, self._ticket, lambda: self._conversing.agent)
        self._began_over(self._playout.stream_sid, first=self._left is None)
        self._keeper.begin()
        try:
            await self._watched()
            while await self._lost.comes_back():
                begin_again(self._line, self._spec, self._beginning)
                await send_first_clips(self._line)
                await self._watched()
        except Exception:  # A root: whatever went wrong in this call stays in this call.
            logger.exception("Call %s failed.", self.call_sid)
            await apologise_in_time(self._line, self._spec)
        finally:
            self._line.end(EndedBy.ERROR)
            await self._finish()

    async def _watched(self) -> None:
        """The conversation, over one stream."""
        watching = watch(self._line, self._stream, self._nobody_is_there)
        watcher = asyncio.create_task(watching, name="watch")
        try:
            await self._conversing.run()
        finally:
            watcher.cancel()

    def _standing(self) -> Standing:
        return standing_of(self._ticket, self._line, self._lost.resumed)

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
        self._ticket.nobody_needs_it()
        if self._lost.is_elsewhere:
            self._socket.close_soon()
            await self._keeper.stop()
            carried_elsewhere(self.call_sid)
            await self._line.runner.finish()
            return
        ended_by = self._line.ended_by or EndedBy.ERROR
        if ended_by is EndedBy.TRANSFER and self._socket.closed.is_set():
            ended_by = EndedBy.CALLER  # They hung up before anybody was dialled.
        sid, took_ms = self._playout.stream_sid, self._clock.ms()
        call_log.post(
            CallOver(self.call_sid, ended_by, timezone.now(), took_ms, self._timings, sid)
        )
        await note_over(self.call_sid)
        await self._keeper.forget()
        if not self._lost.is_settled:
            await part(self.call_sid, ended_by, self._socket, self._tools, self._line.milestone)
        await self._line.runner.finish()
