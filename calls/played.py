"""What has the caller's telephone played in the last seconds? Kept as it was sent, for the echo."""

import base64
from collections import deque
from dataclasses import dataclass

from catalog import mulaw

BYTES_PER_SECOND = 8_000
SILENCE = bytes([mulaw.SILENCE])


@dataclass(frozen=True, slots=True)
class _Piece:
    begins_at: float  # monotonic seconds
    ends_at: float
    payload: str  # base64, half a second at most


class Played:
    """References to what was sent; it is decoded when somebody asks, which is rare."""

    def __init__(self, kept_seconds: float) -> None:
        self._kept_seconds = kept_seconds
        self._pieces: deque[_Piece] = deque()

    def sent(self, plays_at: float, payload: str, size_bytes: int, now: float) -> None:
        while self._pieces and self._pieces[0].ends_at < now - self._kept_seconds:
            self._pieces.popleft()
        self._pieces.append(_Piece(plays_at, plays_at + size_bytes / BYTES_PER_SECOND, payload))

    def cut(self, now: float) -> None:
        """The caller hears nothing more of what was sent."""
        while self._pieces and self._pieces[-1].begins_at >= now:
            self._pieces.pop()
        if self._pieces and self._pieces[-1].ends_at > now:
            last = self._pieces.pop()
            self._pieces.append(_Piece(last.begins_at, now, last.payload))

    def between(self, start: float, size_bytes: int) -> bytes:
        """The mu-law that was played from `start` on; silence where there was nothing."""
        heard = bytearray(SILENCE * size_bytes)
        for piece in self._pieces:
            first = round((piece.begins_at - start) * BYTES_PER_SECOND)
            end = min(size_bytes, round((piece.ends_at - start) * BYTES_PER_SECOND))
            if end <= max(first, 0):
                continue
            audio = base64.b64decode(piece.payload)[max(0, -first) :]
            begin = max(first, 0)
            end = min(end, begin + len(audio))
            heard[begin:end] = audio[: end - begin]
        return bytes(heard)
