"""A call whose stream broke waits a moment for its caller, whom Twilio connects anew.

Twilio does not say whether it asks the <Connect action> after it lost a stream, and it does not
know of one that is half open. So both are prepared for: it asks and is answered, or it does not
ask and is told over REST.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from calls import metrics
from calls.busy import cut_off_for_good
from calls.call_rows import TWILIO_FINAL
from calls.hang_up import Told, status_of, tell
from calls.inbox import Inbox
from calls.kept_twiml import keep_next
from calls.line import CallLine
from calls.line_watch import CHECK_SECONDS, LOST_CHECKS
from calls.models import EndedBy
from calls.resuming import ASKED_SECONDS, MOST_RESUMED, next_twiml, was_asked
from calls.shared_store import is_shared
from calls.standing import StandingKeeper, is_taken_by_another
from calls.tickets import CallTicket

TWILIO_ASKS_SECONDS = 2.0  # by itself, when it has noticed
COMES_BACK_SECONDS = 10.0
LOOK_SECONDS = 0.5  # at what other processes have done meanwhile
HALF_OPEN_MS = 1_000.0 * LOST_CHECKS * CHECK_SECONDS
NOT_FOUND = ""
NEVER = float("-inf")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Loss:
    """`half_open`: the connection stood, and nothing came. `cleanly`: it was closed as somebody
    closes it who hangs up, but for the missing `stop`.
    """

    half_open: bool = False
    cleanly: bool = False


class LostLine:
    """Of one call. `resumed` is how often it was connected anew."""

    def __init__(
        self, ticket: CallTicket, line: CallLine, keeper: StandingKeeper, resumed: int = 0
    ) -> None:
        self.resumed = resumed
        self.is_elsewhere = False  # another process has the call: nothing of it is ended here
        self.is_settled = False  # Twilio needs no further word
        self._ticket = ticket
        self._line = line
        self._keeper = keeper
        self._loss: Loss | None = None
        self._lost_at = 0.0  # monotonic seconds
        self._asked_at = NEVER  # the same, since the line was last there
        self._is_back = False
        self._move: Callable[[], None] = lambda: None
        self._reported: str | None = None  # that the call is over, and how
        self._had_failed = False
        self._changed = asyncio.Event()
        keeper.on_taken = self._taken

    # What happens to it ------------------------------------------------------------

    def lose(self, loss: Loss) -> None:
        if self._loss is not None or self._line.over.is_set():
            return
        self._loss, self._lost_at, self._is_back = loss, time.monotonic(), False
        line = self._line
        self._had_failed = line.failed_provider.is_set()
        line.inbox = Inbox()  # What comes now is not for this pipeline.
        line.one_moment.interrupted()
        line.settle_announcement(interrupted=True)
        line.settle_greeting(interrupted=True)
        line.ready.clear()
        line.off.set()
        metrics.lines_lost.inc()
        if not loss.half_open:  # Of that one, the watch has said so.
            line.milestone("line lost")

    @property
    def is_lost(self) -> bool:
        return self._loss is not None

    def back(self, move: Callable[[], None]) -> None:
        """Another stream carries the call: `move` to it, once nothing else is said any more."""
        self._is_back, self._reported, self._move = True, None, move
        self._changed.set()

    def asked(self) -> str:
        """Twilio asks what comes next: the TwiML."""
        self.was_asked()
        return next_twiml(self._ticket, self.resumed)

    def was_asked(self) -> None:
        """And was told what had been kept for it: it need not be told over REST."""
        self._asked_at = time.monotonic()
        self._changed.set()

    def is_over_at_twilio(self, status: str) -> None:
        """It ends no call that goes on. It is remembered: the line may break a moment later."""
        self._reported = status
        self._changed.set()

    def _taken(self) -> None:
        """Another process carries the call: Twilio had lost the stream before we noticed."""
        self.is_elsewhere = True
        self.lose(Loss())
        self._changed.set()

    # What becomes of it ------------------------------------------------------------

    async def comes_back(self) -> bool:
        """Whether the call goes on over another stream here. Ends it otherwise.

        False at once for a call that ended in another way.
        """
        loss = self._loss
        if loss is None or self._line.over.is_set():
            if self._is_back:  # And gone again, while the old pipeline was still being stopped:
                self._move()  # the end has to be that of the stream which the call had last.
            return False
        dead_ms = HALF_OPEN_MS if loss.half_open else 0.0
        self._line.so_far.cut(self._line.clock.ms_at(self._lost_at) - dead_ms)
        await self._keeper.leave()
        if self.is_elsewhere:
            return False
        ended_by = await self._wait(loss)
        if self._is_back:
            seconds = time.monotonic() - self._lost_at
            self._loss, self.resumed, self._asked_at = None, self.resumed + 1, NEVER
            self._move()
            if self._line.over.is_set():  # They have hung up since.
                return False
            metrics.lines_resumed.inc()
            self._line.milestone("resumed", f"{seconds:.1f} s")
            if not self._had_failed:  # What a pipeline complains of while it is stopped.
                self._line.failed_provider.clear()
            self._keeper.begin()
            return True
        if not self.is_elsewhere:
            self.is_settled = True
            heard_an_apology = self.resumed >= MOST_RESUMED and self._asked_at > NEVER
            self._line.end(EndedBy.ERROR if heard_an_apology else ended_by)
        return False

    async def _wait(self, loss: Loss) -> EndedBy:
        """Until the caller is back, or nobody comes. Who ended it then."""
        for_good = self.resumed >= MOST_RESUMED
        if for_good:
            await keep_next(self._line.call_sid, cut_off_for_good(self._ticket.agent))
        if not loss.half_open:
            status = await self._unless_news(status_of(self._line.call_sid))
            if status == NOT_FOUND or status in TWILIO_FINAL:
                return _ended_by(status, loss)
            await self._news_within(TWILIO_ASKS_SECONDS)
        if not self._has_news():
            told = await self._tell(next_twiml(self._ticket, self.resumed))
            if told is Told.OVER:
                return _ended_by(await status_of(self._line.call_sid), loss)
        if for_good and self._reported is None:
            return EndedBy.ERROR
        await self._news_within(self._lost_at + COMES_BACK_SECONDS - time.monotonic(), asked=False)
        return await self._nobody_came(loss)

    async def _nobody_came(self, loss: Loss) -> EndedBy:
        """Whoever still waits at Twilio hears an apology instead of nothing."""
        if self._is_back or self.is_elsewhere:
            return EndedBy.ERROR  # It is not over.
        if self._reported is not None:
            return _ended_by(self._reported, loss)
        if self._line.over.is_set():  # Ended from outside meanwhile, as by a shutdown.
            await tell(self._line.call_sid, {"status": "completed"})
            return EndedBy.ERROR
        document = cut_off_for_good(self._ticket.agent)
        await keep_next(self._line.call_sid, document)
        told = await tell(self._line.call_sid, {"twiml": document})
        if told is Told.OVER:
            return _ended_by(await status_of(self._line.call_sid), loss)
        return EndedBy.ERROR

    async def _tell(self, document: str) -> Told | None:
        return await self._unless_news(tell(self._line.call_sid, {"twiml": document}))

    # Meanwhile -----------------------------------------------------------------------

    def _has_news(self, *, asked: bool = True) -> bool:
        was_asked_lately = self._asked_at > self._lost_at - ASKED_SECONDS
        is_over = self._reported is not None or self._line.over.is_set()
        return self._is_back or self.is_elsewhere or is_over or (asked and was_asked_lately)

    async def _news_within(self, seconds: float, *, asked: bool = True) -> bool:
        until = time.monotonic() + seconds
        while not self._has_news(asked=asked):
            left_seconds = until - time.monotonic()
            if left_seconds <= 0.0:
                return False
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left_seconds, LOOK_SECONDS)):
                    await self._changed.wait()
            await self._look_elsewhere()
        return True

    async def _unless_news(self, asking: Coroutine[Any, Any, AnswerT]) -> AnswerT | None:
        """The answer; None when something happened that makes it needless."""
        task = asyncio.create_task(asking, name="ask Twilio of a lost line")
        while not task.done() and not self._has_news():
            await asyncio.wait([task], timeout=0.1)
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
            return None
        return task.result()

    async def _look_elsewhere(self) -> None:
        if not is_shared() or self._is_back:
            return
        if await is_taken_by_another(self._line.call_sid):
            self.is_elsewhere = True
        elif await was_asked(self._line.call_sid):
            self._asked_at = max(self._asked_at, self._lost_at)


def _ended_by(status: str | None, loss: Loss) -> EndedBy:
    """Twilio's word on how the call ended; without one, the socket's."""
    hung_up = status == "completed" or (status == NOT_FOUND and loss.cleanly)
    return EndedBy.CALLER if hung_up else EndedBy.ERROR
