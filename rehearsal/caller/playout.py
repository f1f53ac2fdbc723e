"""Twilio's buffer at the caller's end: what is played when, and when marks come back. Pure.

Audio is played in the order it arrives, at 8,000 bytes a second. A mark comes back when all audio
before it has been played, or at once when `clear` throws that audio away. Time is passed in, as ms
from the stream's start.
"""

from collections import deque
from dataclasses import dataclass

from rehearsal.caller.ear import Ear, loud_slices
from rehearsal.speech import BYTES_PER_MS

LIMIT_MS = 600_000.0  # Twilio discards what goes beyond ten minutes (31931)
GAP_BELOW_MS = 700.0  # a longer silence is the end of an utterance and no gap in it
EDGE_BYTES = 800  # 100 ms
FRAME_BYTES = 160


@dataclass(frozen=True, slots=True)
class Played:
    """Audio and the moment it began to play."""

    start_ms: float
    audio: bytes

    @property
    def end_ms(self) -> float:
        return self.start_ms + len(self.audio) / BYTES_PER_MS


@dataclass(frozen=True, slots=True)
class Gap:
    """The buffer ran dry, and more of the same utterance came.

    `in_speech`: words are cut apart, with speech within 100 ms on either side. Otherwise a pause
    between sentences became longer.
    """

    at_ms: float
    length_ms: float
    in_speech: bool


class Playout:
    """The buffer of one stream."""

    def __init__(self) -> None:
        self.ear = Ear()
        self.gaps: list[Gap] = []
        self._played: list[Played] = []
        self._marks: deque[tuple[float, str]] = deque()
        self._until_ms = 0.0  # when everything received so far has been played
        self._last_was_mark = False
        self._cut_off = False

    def receive_audio(self, now_ms: float, audio: bytes) -> bool:
        """Take audio in. False when the buffer is full and the audio is thrown away."""
        if self.buffered_ms(now_ms) + len(audio) / BYTES_PER_MS > LIMIT_MS:
            return False
        if now_ms > self._until_ms:
            self._note_gap(now_ms, audio)
            self._until_ms = now_ms
        self._played.append(Played(self._until_ms, audio))
        self.ear.listen(self._until_ms, audio)
        self._until_ms += len(audio) / BYTES_PER_MS
        self._last_was_mark = self._cut_off = False
        return True

    def receive_mark(self, now_ms: float, name: str) -> None:
        self._marks.append((max(now_ms, self._until_ms), name))
        self._last_was_mark = True

    def clear(self, now_ms: float) -> tuple[str, ...]:
        """Throw away what was not played. Returns the marks that come back at once."""
        kept = [piece for piece in self._played if piece.start_ms < now_ms]
        if kept and kept[-1].end_ms > now_ms:
            last = kept.pop()
            size = round((now_ms - last.start_ms) * BYTES_PER_MS)
            kept.append(Played(last.start_ms, last.audio[:size]))
        self._played = kept
        self.ear.cut(now_ms)
        self._until_ms = min(self._until_ms, now_ms)
        self._cut_off = True
        names = tuple(name for _, name in self._marks)
        self._marks.clear()
        return names

    def lose(self, at_ms: float) -> None:
        """The stream ended at that moment, and what was still to be played with it."""
        self.clear(at_ms)

    def due_marks(self, now_ms: float) -> tuple[str, ...]:
        """Marks whose audio has been played by now. Each is returned once."""
        names = []
        while self._marks and self._marks[0][0] <= now_ms:
            names.append(self._marks.popleft()[1])
        return tuple(names)

    def buffered_ms(self, now_ms: float) -> float:
        return max(0.0, self._until_ms - now_ms)

    def heard_at(self, from_ms: float, length_ms: float) -> bytes:
        """What plays in that stretch, from its first sound on; pauses in it are left out."""
        until_ms, found = from_ms + length_ms, []
        for piece in reversed(self._played):
            if piece.end_ms <= from_ms:
                break
            if piece.start_ms < until_ms:
                start = round(max(0.0, from_ms - piece.start_ms) * BYTES_PER_MS)
                end = round((until_ms - piece.start_ms) * BYTES_PER_MS)
                found.append(piece.audio[start:end])
        return b"".join(reversed(found))

    def played(self, until_ms: float) -> tuple[Played, ...]:
        """What was played until a moment."""
        pieces = []
        for piece in self._played:
            size = round((min(piece.end_ms, until_ms) - piece.start_ms) * BYTES_PER_MS)
            if size > 0:
                pieces.append(Played(piece.start_ms, piece.audio[:size]))
        return tuple(pieces)

    def _note_gap(self, now_ms: float, audio: bytes) -> None:
        length_ms = now_ms - self._until_ms
        if not self._played or self._cut_off or length_ms >= GAP_BELOW_MS:
            return
        # After a mark it may be another utterance; only words that are cut sharply tell.
        edge = FRAME_BYTES if self._last_was_mark else EDGE_BYTES
        tail = b"".join(piece.audio for piece in self._played[-50:])[-edge:]
        in_speech = any(loud_slices(tail)) and any(loud_slices(audio[:edge]))
        if in_speech or not self._last_was_mark:
            self.gaps.append(Gap(self._until_ms, length_ms, in_speech))
