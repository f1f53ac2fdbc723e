"""The only writer to the socket: what was sent, what was heard.

Twilio buffers what we send and plays it in order at 8,000 bytes a second. A mark comes back when
the audio before it was played, and also when `clear` threw that audio away. Mark names carry an
epoch that each clear raises, so an echo that follows a clear is never taken for "heard".
"""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from calls import media_streams
from calls.played import BYTES_PER_SECOND, Played

if TYPE_CHECKING:
    from calls.recording.recorder import Recorder

ECHO_GRACE_SECONDS = 1.5  # how late a mark may come before the clock is believed instead
PLAYED_KEPT_SECONDS = 2.0
MOST_BUFFERED_SECONDS = 600.0  # Twilio throws away what is more (its warning 31931)

SendText = Callable[[str], Awaitable[None]]


def payload_bytes(payload: str) -> int:
    """The size of what is base64 in `payload`."""
    return len(payload) * 3 // 4 - payload.count("=")


@dataclass(eq=False, slots=True)
class PlayMark:
    """A point in what the caller hears. `reached` turns True when played, False when cleared."""

    name: str
    due_at: float  # monotonic seconds at which the audio before it should have been played
    reached: asyncio.Future[bool] = field(default_factory=lambda: _future())


def _future() -> "asyncio.Future[bool]":
    return asyncio.get_running_loop().create_future()


class Playout:
    """The stream to one caller."""

    def __init__(
        self, stream_sid: str, send_text: SendText, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.stream_sid = stream_sid
        self._send_text = send_text
        self._now = now
        self._played_until = 0.0  # when everything sent so far will have been played
        self._epoch = 0
        self._marks_sent = 0
        self._pending: dict[str, PlayMark] = {}
        self._unanswered_bytes = 0  # sent since a mark came back
        self._sent_at = now()
        self.played = Played(PLAYED_KEPT_SECONDS)
        self.closed = False
        self.recorder: Recorder | None = None

    @property
    def played_until(self) -> float:
        """When everything sent so far will have been played, monotonic seconds."""
        return self._played_until

    @property
    def lead_seconds(self) -> float:
        """How much audio lies in Twilio's buffer, by the clock."""
        return max(0.0, self._played_until - self._now())

    @property
    def quiet_seconds(self) -> float:
        """How long everything sent so far has been played, by the clock."""
        return max(0.0, self._now() - self._played_until)

    @property
    def unanswered_seconds(self) -> float:
        """How much audio was sent since a mark last came back."""
        return self._unanswered_bytes / BYTES_PER_SECOND

    @property
    def idle_seconds(self) -> float:
        """How long nothing has been sent."""
        return self._now() - self._sent_at

    async def send_audio(self, mulaw: bytes) -> None:
        await self.send_payload(base64.b64encode(mulaw).decode("ascii"), len(mulaw))

    async def send_payload(self, payload: str, size_bytes: int) -> None:
        """Send audio that is base64 already; `size_bytes` is its size before base64.

        What would not fit into Twilio's buffer is not sent.
        """
        now = self._now()
        plays_at = max(self._played_until, now)
        played_until = plays_at + size_bytes / BYTES_PER_SECOND
        if played_until - now > MOST_BUFFERED_SECONDS:
            return
        self._played_until = played_until
        self._unanswered_bytes += size_bytes
        self.played.sent(plays_at, payload, size_bytes, now)
        if self.recorder is not None and not self.closed:
            self.recorder.sent(plays_at, payload, size_bytes)
        await self._send(media_streams.media(self.stream_sid, payload))

    async def send_mark(self, label: str) -> PlayMark:
        """Mark the end of what was sent so far."""
        self._marks_sent += 1
        name = f"{self._epoch}-{self._marks_sent}-{label}"
        mark = PlayMark(name, due_at=max(self._played_until, self._now()))
        if self.closed:
            mark.reached.set_result(False)
            return mark
        self._pending[name] = mark
        await self._send(media_streams.mark(self.stream_sid, name))
        return mark

    def mark_echoed(self, name: str) -> None:
        """Twilio says the mark was reached. Stale, unknown and repeated names change nothing."""
        mark = self._pending.pop(name, None)
        if mark is None:
            return
        self._unanswered_bytes = 0
        if not mark.reached.done():
            mark.reached.set_result(True)

    async def clear(self) -> None:
        """Throw away what has not been played."""
        self._nothing_is_buffered()
        await self._send(media_streams.clear(self.stream_sid))

    def move(self, stream_sid: str, send_text: SendText) -> None:
        """Go on over another stream. What the old one has not played is not heard any more."""
        self.stream_sid, self._send_text = stream_sid, send_text
        self._unanswered_bytes = 0
        self._nothing_is_buffered()

    async def heard(self, mark: PlayMark) -> bool:
        """Wait until the mark is played. False: it was cleared, or the stream closed.

        An echo that never comes counts as played once its audio must long be over.
        """
        patience = max(0.0, mark.due_at - self._now()) + ECHO_GRACE_SECONDS
        try:
            async with asyncio.timeout(patience):
                return await asyncio.shield(mark.reached)
        except TimeoutError:
            self._pending.pop(mark.name, None)
            return True

    async def drained(self) -> bool:
        """Wait until everything sent so far is played. False when it was cleared."""
        return await self.heard(await self.send_mark("drained"))

    def close(self) -> None:
        """Nothing is sent from here on; whoever waits for a mark learns that it was not heard."""
        self.closed = True
        self._give_up_marks()

    def _nothing_is_buffered(self) -> None:
        self._epoch += 1
        self._played_until = self._now()
        self.played.cut(self._played_until)
        if self.recorder is not None:
            self.recorder.cleared()
        self._give_up_marks()

    def _give_up_marks(self) -> None:
        for mark in self._pending.values():
            if not mark.reached.done():
                mark.reached.set_result(False)
        self._pending.clear()

    async def _send(self, text: str) -> None:
        if not self.closed:
            self._sent_at = self._now()
            await self._send_text(text)
