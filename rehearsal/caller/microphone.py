"""What the caller's telephone picks up: lines, and silence between them, 20 ms at a time. Pure."""

import base64
from dataclasses import dataclass

from rehearsal.caller.mulaw import mixed
from rehearsal.caller.stream_messages import FRAME_MS, SILENCE_PAYLOAD, frames, payload
from rehearsal.speech import BYTES_PER_MS, Line


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the caller, in ms from the stream's start. A call that ends cuts it short."""

    line: str
    text: str
    start_ms: float
    end_ms: float
    audio: bytes


class Microphone:
    """Gives out one frame after the other; the next is what is spoken from `now_ms` on."""

    def __init__(self) -> None:
        self.now_ms = 0.0  # the end of what has been given out
        self._frames: tuple[str, ...] = ()
        self._next = 0
        self._lines: list[tuple[float, Line]] = []

    @property
    def speaking(self) -> bool:
        return self._next < len(self._frames)

    def begin_at(self, now_ms: float) -> None:
        """Go on here. Whatever was being said in the meantime, nobody heard."""
        self._next += max(0, round((now_ms - self.now_ms) / FRAME_MS))
        self.now_ms = now_ms

    def say(self, line: Line) -> None:
        """Begin with the next frame. A line that is still being said is broken off."""
        self._frames = frames(line.audio)
        self._next = 0
        self._lines.append((self.now_ms, line))

    def next_payload(self) -> str:
        self.now_ms += FRAME_MS
        if self._next >= len(self._frames):
            return SILENCE_PAYLOAD
        self._next += 1
        return self._frames[self._next - 1]

    def next_payload_with(self, echo: bytes, level_db: float) -> str:
        """The next 20 ms, and in them what comes out of the telephone's own loudspeaker."""
        own = self.next_payload()
        return payload(mixed(base64.b64decode(own), echo, level_db)) if echo else own

    def said(self) -> tuple[Said, ...]:
        """All that was said so far."""
        limits = [start for start, _ in self._lines[1:]] + [self.now_ms]
        said = []
        for (start, line), limit in zip(self._lines, limits, strict=False):
            end = min(start + line.duration_ms, limit)
            audio = line.audio[: round((end - start) * BYTES_PER_MS)]
            said.append(Said(line.name, line.text, start, end, audio))
        return tuple(said)
