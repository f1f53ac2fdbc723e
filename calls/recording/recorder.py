"""What does a running call hand to its recording? The only part of it that calls touch."""

import logging
import time
from collections.abc import Callable
from typing import Protocol

from calls.recording.tracks import RATE, AgentTrack, CallerTrack, Stretch
from calls.recording.writer import writer
from catalog.snapshot import AgentSpec

logger = logging.getLogger(__name__)

# What is younger may still be cleared, or come late; then it is written, a second at a time.
HELD_BACK = 3 * RATE
AT_ONCE = RATE


class Writer(Protocol):
    def begin(self, call_sid: str, *, announced: bool) -> None: ...

    def write(self, call_sid: str, stretch: Stretch) -> bool: ...

    def announced(self, call_sid: str) -> None: ...

    def end(self, call_sid: str, *, failed: bool = False) -> None: ...


class Recorder:
    """The recording of one call. Moments are monotonic seconds; nothing here waits."""

    def __init__(
        self,
        call_sid: str,
        started_at: float,
        to: Writer = writer,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call_sid = call_sid
        self._started_at = started_at
        self._to = to
        self._now = now
        self._caller = CallerTrack()
        self._agent = AgentTrack()
        self._handed = 0
        self._running = False

    def begin(self, *, announced: bool) -> None:
        """`announced`: nobody has to hear that they are recorded first."""
        self._running = True
        self._to.begin(self._call_sid, announced=announced)

    def hear(self, audio: bytes) -> None:
        """Called for every media frame."""
        if self._running:
            now = self._sample(self._now())
            self._caller.hear(audio, now)
            self._hand_over_when_due(now)

    def sent(self, plays_at: float, payload: str, size_bytes: int) -> None:
        if self._running:
            self._agent.sent(self._sample(plays_at), payload, size_bytes)
            self._hand_over_when_due(self._sample(self._now()))

    def cleared(self) -> None:
        """The caller hears nothing more of what was sent."""
        self._agent.cut(self._sample(self._now()))

    def announced(self) -> None:
        if self._running:
            self._to.announced(self._call_sid)

    def end(self) -> None:
        """The call is over. What of it was not played was not heard."""
        if not self._running:
            return
        now = self._sample(self._now())
        self._agent.cut(now)
        self._hand_over(now)
        if self._running:
            self._running = False
            self._to.end(self._call_sid)

    def _sample(self, moment: float) -> int:
        return max(0, round((moment - self._started_at) * RATE))

    def _hand_over_when_due(self, now: int) -> None:
        if now - self._handed >= HELD_BACK + AT_ONCE:
            self._hand_over(now - HELD_BACK)

    def _hand_over(self, until: int) -> None:
        while self._running and self._handed < until:
            start, end = self._handed, min(until, self._handed + 10 * AT_ONCE)
            self._handed = end
            stretch = Stretch(start, self._caller.take(end), self._agent.take(end))
            if not self._to.write(self._call_sid, stretch):
                self._give_up()

    def _give_up(self) -> None:
        logger.error("Call %s: the disk does not keep up with its recording.", self._call_sid)
        self._running = False
        self._caller, self._agent = CallerTrack(), AgentTrack()
        self._to.end(self._call_sid, failed=True)


def recorder_of(spec: AgentSpec, call_sid: str, started_at: float) -> Recorder | None:
    """None when this agent does not record."""
    return Recorder(call_sid, started_at) if spec.record_calls else None
