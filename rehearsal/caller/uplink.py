"""What becomes of the caller's frames on their way: sent, kept, lost, doubled, out of order."""

import random

from rehearsal.caller.frames import text_frame
from rehearsal.caller.media_stream import MediaStream
from rehearsal.caller.misdeeds import SpoilFrames

MOST_UNSENT_BYTES = 1_048_576  # to a server that does not read, no more than this is kept for
SHUFFLED_TOGETHER = 5


class Uplink:
    """One stream's way out. Media may be spoilt; the other messages are only held up by a stall."""

    def __init__(self, stream: MediaStream) -> None:
        self._stream = stream
        self._chance = random.Random(20)
        self._kept: list[bytes] | None = None  # while the line stalls
        self._spoilt: SpoilFrames | None = None
        self._together: list[bytes] = []
        self.is_dead = False  # half-open: nothing goes out any more

    def send(self, text: str) -> None:
        self._pass_on(text_frame(text))

    def send_media(self, text: str) -> None:
        """20 ms of audio. What becomes of it depends on what the line suffers from."""
        frame = text_frame(text)
        if self._spoilt is None:
            self._pass_on(frame)
        elif self._spoilt.how == "twice":
            self._pass_on(frame)
            self._pass_on(frame)
        elif self._spoilt.how == "shuffled":
            self._together.append(frame)
            if len(self._together) == SHUFFLED_TOGETHER:
                self._release_shuffled()

    def send_raw(self, frame: bytes) -> None:
        self._pass_on(frame)

    def stall(self) -> None:
        self._kept = []
        self._stream.stop_reading()

    def spoil(self, how: SpoilFrames) -> None:
        self._spoilt = how

    def recover(self) -> None:
        """All is well again; what was kept goes out at once."""
        self._release_shuffled()
        self._spoilt = None
        if self._kept is not None:
            kept, self._kept = self._kept, None
            self._stream.go_on_reading()
            for frame in kept:
                self._pass_on(frame)

    def _release_shuffled(self) -> None:
        self._chance.shuffle(self._together)
        for frame in self._together:
            self._pass_on(frame)
        self._together.clear()

    def _pass_on(self, frame: bytes) -> None:
        if self._kept is not None:
            self._kept.append(frame)
        elif not self.is_dead and self._stream.unsent_bytes <= MOST_UNSENT_BYTES:
            self._stream.send_frame(frame)
