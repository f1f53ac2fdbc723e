"""What the caller's telephone picks up: lines, and silence between them, 20 ms at a time. Pure."""

from dataclasses import dataclass

from rehearsal.caller.stream_messages import FRAME_MS, SILENCE_PAYLOAD, frames
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
    """Gives out one frame after the other; frame n is spoken from 20 n ms on."""

    def __init__(self) -> None:
        self._frames: tuple[str, ...] = ()
        self._next = 0
        self._given = 0
        self._lines: list[tuple[float, Line]] = []

    @property
    def speaking(self) -> bool:
        return self._next < len(self._frames)

    @property
    def now_ms(self) -> float:
        """The end of what has been given out."""
        return float(self._given * FRAME_MS)

    def say(self, line: Line) -> None:
        """Begin with the next frame. A line that is still being said is broken off."""
        self._frames = frames(line.audio)
        self._next = 0
        self._lines.append((self.now_ms, line))

    def next_payload(self) -> str:
        self._given += 1
        if self._next >= len(self._frames):
            return SILENCE_PAYLOAD
        self._next += 1
        return self._frames[self._next - 1]

    def said(self) -> tuple[Said, ...]:
        """All that was said so far."""
        limits = [start for start, _ in self._lines[1:]] + [self.now_ms]
        said = []
        for (start, line), limit in zip(self._lines, limits, strict=False):
            end = min(start + line.duration_ms, limit)
            audio = line.audio[: round((end - start) * BYTES_PER_MS)]
            said.append(Said(line.name, line.text, start, end, audio))
        return tuple(said)
