"""How long has the caller heard nothing of a voice that owes them something? Pure.

A vendor may send silence, or a few bytes a second: it answers, and nobody hears it. So what counts
is sound, and a hole in it is forgiven only by as much sound: a little now and then fills no hole.
"""

import numpy as np

from calls.pipeline.transport import SAMPLE_RATE

ENOUGH_SECONDS = 0.25  # of sound: a voice that speaks; drops of it prove nothing
QUIETEST = 100  # of 32,768: -50 dB, below what a telephone line makes of its own


def is_audible(pcm: bytes) -> bool:
    samples = np.frombuffer(pcm, "<i2", count=len(pcm) // 2)
    return bool(samples.size) and max(int(samples.max()), -int(samples.min())) >= QUIETEST


class Audible:
    """Of one voice. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._heard_until = 0.0  # when all sound that came will have been played
        self._holes_seconds = 0.0  # before that, not made up for
        self._sound_seconds = 0.0  # since it was asked

    def asked(self, now: float) -> None:
        """Nothing was owed until now."""
        self._heard_until = max(self._heard_until, now)
        self._holes_seconds = self._sound_seconds = 0.0

    def interrupted(self, now: float) -> None:
        """What came is not played any more."""
        self._heard_until = now
        self._holes_seconds = 0.0

    def came(self, size_bytes: int, now: float) -> None:
        """Sound. Silence is not told: its time is a hole."""
        seconds = size_bytes / (2 * SAMPLE_RATE)
        self._holes_seconds = max(0.0, self.hole_seconds(now) - seconds)
        self._heard_until = max(self._heard_until, now) + seconds
        self._sound_seconds += seconds

    @property
    def speaks(self) -> bool:
        return self._sound_seconds >= ENOUGH_SECONDS

    def hole_seconds(self, now: float) -> float:
        return self._holes_seconds + max(0.0, now - self._heard_until)
