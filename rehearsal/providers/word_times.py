"""When each word of a spoken sentence sounds, in proportion to its length. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordTime:
    word: str
    start: float  # seconds since the context began to speak
    end: float


def word_times(text: str, seconds: float, begin: float) -> list[WordTime]:
    """Letters, and the pause after a word, stand for the times that no voice here tells."""
    words = text.split()
    whole = sum(len(word) + 1 for word in words)
    times, passed = [], 0
    for word in words:
        start = begin + seconds * passed / whole
        passed += len(word) + 1
        times.append(WordTime(word, round(start, 3), round(begin + seconds * passed / whole, 3)))
    return times
