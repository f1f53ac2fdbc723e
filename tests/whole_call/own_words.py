"""Lines that do not ship with the project, for callers who need other words.

The audio is a recorded sentence, at a loudness of its own: to the voice detector it is speech, and
the typed ears, which tell recordings apart by their samples, know each by the text given here.
"""

from collections.abc import Iterator

import numpy as np

from catalog import mulaw
from rehearsal.caller import Speak
from rehearsal.caller.mulaw import decode
from rehearsal.providers.ears.clips import KnownClip, known_clip
from rehearsal.providers.ears.known_clips import KnownClipRecogniser
from rehearsal.providers.server import RunningProviders
from rehearsal.speech import Line, line

SOFTER = 0.94  # half a decibel each: other samples, and after a dozen lines still a voice


class OwnWords:
    """Teaches the ears of the running providers, until `forget()`."""

    def __init__(self, providers: RunningProviders, spoken_as: str = "book") -> None:
        ears = providers.backstage.ears
        assert isinstance(ears, KnownClipRecogniser)
        self._ears = ears
        self._spoken_as = spoken_as  # the recorded line that all of them sound like
        self._before: tuple[KnownClip, ...] = ears._clips
        self._lines: dict[str, Line] = {}
        self._gains: Iterator[float] = (SOFTER**step for step in range(1, 20))

    def say(self, text: str, *, interrupting: bool = False) -> Speak:
        if text not in self._lines:
            self._lines[text] = self._taught(text)
        return Speak(self._lines[text], interrupting)

    def forget(self) -> None:
        self._ears._clips = self._before

    def _taught(self, text: str) -> Line:
        louder = decode(line(self._spoken_as).audio).astype(np.float64)
        audio = mulaw.encode((louder * next(self._gains)).astype("<i2").tobytes())
        name = f"own-{self._spoken_as}-{len(self._lines) + 1}"
        self._ears._clips += (known_clip(name, text, audio),)
        return Line(name, text, audio)
