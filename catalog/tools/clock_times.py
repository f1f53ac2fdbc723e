"""A time of day as models write it and as people say it."""

import re
from collections.abc import Sequence
from datetime import time

from catalog.tools.date_words import Kind, NotUnderstood, Word, words_for_times, words_in

# Two times, or a way around one: 14-15, das duas às três, from 3 to 4, quinze para as três. Read
# as one, each of them became an appointment that nobody had asked for.
_NOT_ONE_TIME = re.compile(
    r"\d\s*[-–—/]\s*\d|\b(?:between|entre|until|till|até)\b|\w\s+para\b"
    r"|\bdas\b.*\b(?:às|as|a)\b|\b(?:de|from)\s+\S+\s+(?:a|às|as)\b",
    re.IGNORECASE,
)
_TENS = frozenset({20, 30, 40, 50})
_HALVES = frozenset({Kind.AM, Kind.PM, Kind.NIGHT})
_DAY_MINUTES = 24 * 60
_NOON = 12


def clocks_in(text: str, language: str) -> tuple[time, ...]:
    """The time of day; two of them for "3", which is in the morning or in the afternoon.

    15:00 and 03:00 are as written. Raises NotUnderstood rather than guess.
    """
    if _NOT_ONE_TIME.search(text):
        raise NotUnderstood
    words = words_in(text, words_for_times(language))
    kinds = [word.kind for word in words]
    halves = {word.kind for word in words if word.kind in _HALVES}
    figures = _joined([word for word in words if word.kind is Kind.NUMBER])
    if len(figures) > 2 and text.count(":") < 2:  # 15:00:00 has seconds; three numbers are a riddle
        raise NotUnderstood
    added = sum(word.value for word in words if word.kind is Kind.MINUTES)
    if len(halves) > 1 or kinds.count(Kind.MINUTES) > 1:
        raise NotUnderstood
    if set(kinds) <= {Kind.CLOCK, Kind.MINUTES} and kinds.count(Kind.CLOCK) == 1:
        hour = next(word.value for word in words if word.kind is Kind.CLOCK)
        return (_clock(hour, added),)
    if not set(kinds) <= {Kind.NUMBER, Kind.MINUTES, Kind.PAST} | _HALVES:
        raise NotUnderstood
    if Kind.PAST in kinds:  # ten past three: the minutes come first
        figures = _turned_round(figures)
    hour_word, minute = _read(figures)
    hours = _hours(hour_word, next(iter(halves), None), exact=len(figures) > 1)
    return tuple(_clock(hour, minute + added) for hour in hours)


def _joined(figures: Sequence[Word]) -> list[Word]:
    """Twenty five, vinte e cinco: number words of which the first is tens are one number."""
    joined: list[Word] = []
    for figure in figures:
        before = joined[-1] if joined else None
        spelled = before is not None and not before.text and not figure.text
        if before is not None and spelled and before.value in _TENS and 1 <= figure.value <= 9:
            joined[-1] = Word(Kind.NUMBER, before.value + figure.value)
        else:
            joined.append(figure)
    return joined


def _turned_round(figures: Sequence[Word]) -> list[Word]:
    if len(figures) != 2:
        raise NotUnderstood
    minutes, hour = figures
    return [Word(Kind.NUMBER, hour.value), minutes]


def _read(figures: Sequence[Word]) -> tuple[Word, int]:
    """The hour and the minutes; seconds are of no account."""
    if len(figures) == 1 and len(figures[0].text) == 4:  # 1530
        hour, minute = divmod(figures[0].value, 100)
        return Word(Kind.NUMBER, hour, figures[0].text[:2]), _below_60(minute)
    if not 1 <= len(figures) <= 3 or any(len(figure.text) > 2 for figure in figures):
        raise NotUnderstood
    minutes = [_below_60(figure.value) for figure in figures[1:]]
    return figures[0], minutes[0] if minutes else 0


def _hours(word: Word, half: Kind | None, *, exact: bool) -> tuple[int, ...]:
    hour = word.value
    if hour > 24 or (half is Kind.AM and hour > _NOON):
        raise NotUnderstood
    if hour == 0 or hour > _NOON:
        return (hour % 24,)
    if half is not None:
        return (_in_half(hour, half),)
    if hour == _NOON or (exact and len(word.text) == 2) or word.text.startswith("0"):
        return (hour,)
    return (hour, hour + _NOON)


def _in_half(hour: int, half: Kind) -> int:
    if half is Kind.AM:
        return hour % _NOON
    if half is Kind.NIGHT:  # nine at night is 21:00, one at night is 1:00
        return hour % _NOON + (_NOON if 4 < hour < _NOON else 0)
    return hour % _NOON + _NOON


def _clock(hour: int, minute: int) -> time:
    of_the_day = (hour * 60 + minute) % _DAY_MINUTES
    return time(of_the_day // 60, of_the_day % 60)


def _below_60(minute: int) -> int:
    if minute > 59:
        raise NotUnderstood
    return minute
