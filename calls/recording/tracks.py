"""Where on the recording does a sound belong? Counted in samples since `start`. Pure."""

import base64
from collections import deque
from dataclasses import dataclass

RATE = 8_000
SILENCE = b"\xff"
SLACK = RATE * 40 // 1_000  # later or earlier than that by the clock, audio is out of place
LATE_FOR_GOOD = RATE // 2  # for so long, and what is missing will not come in a burst any more


class CallerTrack:
    """The caller's audio by its arrival. `hear` is called for every media frame."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._start = 0  # the sample that the first byte belongs to
        self._gap_at: int | None = None  # where in `_audio` it began to be late
        self._gap_seen_at = 0
        self._gap = 0  # the least it was late since then

    def hear(self, audio: bytes, now: int) -> None:
        """It ends `now`. A gap becomes silence, unless what was missing comes in a burst."""
        self._audio += audio
        late = now - self._start - len(self._audio)
        if late > SLACK:
            self._is_late(late, now, len(audio))
            return
        self._gap_at = None
        if late < -SLACK:  # A clock that runs fast, or a burst after its gap was written down.
            del self._audio[:-late]

    def _is_late(self, late: int, now: int, size: int) -> None:
        if self._gap_at is None:
            self._gap_at, self._gap_seen_at, self._gap = len(self._audio) - size, now, late
        self._gap = min(self._gap, late)
        if now - self._gap_seen_at >= LATE_FOR_GOOD:
            self._audio[self._gap_at : self._gap_at] = SILENCE * self._gap
            self._gap_at = None

    def take(self, until: int) -> bytes:
        """Everything before this sample; silence where nothing came."""
        size = until - self._start
        if size > len(self._audio):
            self._audio += SILENCE * (size - len(self._audio))
            self._gap_at = None
        taken = bytes(self._audio[:size])
        del self._audio[:size]
        self._start = until
        if self._gap_at is not None:
            self._gap_at = max(0, self._gap_at - size)
        return taken


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one message to the caller: `size` bytes of its audio behind the first `skip`."""

    start: int
    size: int
    payload: str  # base64, as it was sent: shared with the clip, and decoded by the writer
    skip: int = 0

    @property
    def end(self) -> int:
        return self.start + self.size

    def audio(self) -> bytes:
        return base64.b64decode(self.payload)[self.skip : self.skip + self.size]


class AgentTrack:
    """What was sent, at the time it is played, until that is past."""

    def __init__(self) -> None:
        self._pieces: deque[Piece] = deque()
        self._end = 0

    def sent(self, start: int, payload: str, size: int) -> None:
        if abs(start - self._end) <= 1:  # Rounded: what follows at once leaves no hole.
            start = self._end
        self._pieces.append(Piece(start, size, payload))
        self._end = start + size

    def cut(self, now: int) -> None:
        """What would be played from now on is thrown away."""
        while self._pieces and self._pieces[-1].end > now:
            piece = self._pieces.pop()
            if piece.start < now:
                self._pieces.append(
                    Piece(piece.start, now - piece.start, piece.payload, piece.skip)
                )
        self._end = min(self._end, now)

    def take(self, until: int) -> tuple[Piece, ...]:
        """Everything before this sample."""
        taken = []
        while self._pieces and self._pieces[0].start < until:
            piece = self._pieces.popleft()
            size = min(piece.size, until - piece.start)
            taken.append(Piece(piece.start, size, piece.payload, piece.skip))
            if size < piece.size:
                rest = Piece(until, piece.size - size, piece.payload, piece.skip + size)
                self._pieces.appendleft(rest)
        return tuple(taken)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of a recording, both sides, ready to be written."""

    start: int
    caller: bytes
    agent: tuple[Piece, ...]

    def interleaved(self) -> bytes:
        """Stereo mu-law: the caller left, the agent right."""
        size = len(self.caller)
        agent = bytearray(SILENCE * size)
        for piece in self.agent:
            at = piece.start - self.start
            sound = piece.audio()[: max(0, size - at)]
            agent[at : at + len(sound)] = sound
        both = bytearray(2 * size)
        both[0::2] = self.caller
        both[1::2] = agent
        return bytes(both)
