"""What the caller says until the pipeline takes it, in pieces as long as may be."""

import asyncio
from collections import deque

from catalog import mulaw

INBOX_PIECES = 500  # 10 s: what the caller says before anybody listens is kept
# Twilio sends 20 ms pieces. What larger ones are worth, `make bench ABLATIONS=1` tells; they delay
# the VAD by 10 ms on average.
PIECE_BYTES = 320
MOST_BYTES = 1_600
# While nobody speaks and nothing is heard, a piece is longer: each costs the same, whatever is in
# it. What is loud goes on at once, with what was quiet before it.
QUIET_BYTES = 1_280


class Inbox:
    """Mu-law, in the order of its arrival, for one reader, who is not woken for less than enough:
    woken 50 times a second, it was 6 % of what a silent call took (by a profile).
    """

    def __init__(self) -> None:
        self.caller_speaks = False  # said by who knows: then a pause goes on at once, too
        self._pieces: deque[bytes] = deque(maxlen=INBOX_PIECES)
        self._bytes = 0
        self._is_quiet = True
        self._is_enough = asyncio.Event()

    def put(self, audio: bytes) -> bool:
        """False when the oldest piece was dropped for it."""
        is_full = len(self._pieces) == INBOX_PIECES
        if is_full:
            self._bytes -= len(self._pieces[0])
        self._pieces.append(audio)
        self._bytes += len(audio)
        self._is_quiet = self._is_quiet and mulaw.is_quiet(audio)
        if self._bytes >= self._enough():
            self._is_enough.set()
        return not is_full

    async def take(self) -> bytes:
        """Waits until there is enough. Of a backlog it gives no more than is heard at a time."""
        while self._bytes < self._enough():
            self._is_enough.clear()
            await self._is_enough.wait()
        taken = bytearray()
        while self._pieces and len(taken) < MOST_BYTES:
            taken += self._pieces.popleft()
        self._bytes -= len(taken)
        self._is_quiet = not self._pieces
        return bytes(taken)

    def _enough(self) -> int:
        return PIECE_BYTES if self.caller_speaks or not self._is_quiet else QUIET_BYTES
