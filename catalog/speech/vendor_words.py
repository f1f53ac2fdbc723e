"""The word times of an answer, checked: the service's seconds become milliseconds of the audio."""

import math
from collections.abc import Iterable

from catalog.snapshot import WordTiming
from catalog.speech.errors import UnreadableAnswer


def word_timings(
    words: Iterable[str], starts: Iterable[float], ends: Iterable[float]
) -> list[WordTiming]:
    """Raises UnreadableAnswer when a word has no time, or a time is no number."""
    try:
        return [
            WordTiming(str(word).strip(), _milliseconds(start), _milliseconds(end))
            for word, start, end in zip(words, starts, ends, strict=True)
        ]
    except (TypeError, ValueError) as error:
        raise UnreadableAnswer("The word times make no sense.") from error


def _milliseconds(seconds: float) -> int:
    if not math.isfinite(seconds):
        raise ValueError("A time has to be finite.")
    return round(seconds * 1000)
