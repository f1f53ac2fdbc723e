"""A day as models write it and as people say it."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from catalog.tools.date_words import Kind, NotUnderstood, Word, locale_of, words_for_days, words_in

_ISO = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b")
_NUMERIC = re.compile(r"\b(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{4}|\d{2}))?\b")
_WEEK = 7


class TodayOrNextWeek(NotUnderstood):
    """A day of the week that is today: it may be today, or a week from today."""


class OtherWeekday(NotUnderstood):
    """The day and the day of the week do not go together."""


def day_in(text: str, today: date, language: str) -> date:
    """The day that is meant, counted from `today`. Raises NotUnderstood rather than guess.

    A day without a year is the next such day. A day of the week is the coming one, with "next" or
    without; the one of next week is called so.
    """
    rest, given = _without_figures(text, today, language)
    words = _with_units(words_in(rest, words_for_days(language)))
    weekday = _only([word.value for word in words if word.kind is Kind.WEEKDAY])
    shift = _only([word.value for word in words if word.kind is Kind.DAYS])
    if given and any(word.kind is not Kind.WEEKDAY for word in words):
        raise NotUnderstood
    candidates = given or list(_candidates(words, weekday, shift, today))
    if not candidates:
        raise NotUnderstood
    for candidate in candidates:
        if weekday is None or candidate.weekday() == weekday:
            return candidate
    raise OtherWeekday


def _without_figures(text: str, today: date, language: str) -> tuple[str, list[date]]:
    """The text without a day in figures such as 2026-12-01 or 1/12, and that day."""
    if found := _ISO.search(text):
        year, month, day = map(int, found.groups())
        given = _days(day, month, [year])
    elif found := _NUMERIC.search(text):
        first, second, year_text = int(found[1]), int(found[2]), found[3]
        day, month = _in_order(first, second, language)
        given = _days(day, month, _years(int(year_text) if year_text else None, today))
        given = given if year_text else [it for it in given if it >= today]
    else:
        return text, []
    if not given:
        raise NotUnderstood
    return f"{text[: found.start()]} {text[found.end() :]}", given


def _in_order(first: int, second: int, language: str) -> tuple[int, int]:
    """Day and month. In plain English, 3/4 is either: whoever wrote it has to say which."""
    if first > 12 or second > 12 or first == second:
        return (first, second) if second <= 12 else (second, first)
    if language == "en":
        raise NotUnderstood
    pattern: str = locale_of(language).date_formats["short"].pattern
    return (first, second) if pattern.find("d") < pattern.find("M") else (second, first)


def _with_units(words: Sequence[Word]) -> list[Word]:
    """Three days and two weeks are 3 and 14 days from today."""
    joined: list[Word] = []
    for word in words:
        if word.kind is Kind.UNIT:
            if not joined or joined[-1].kind is not Kind.NUMBER:
                raise NotUnderstood
            joined[-1] = Word(Kind.DAYS, min(joined[-1].value * word.value, 10_000))
        else:
            joined.append(word)
    return joined


def _candidates(
    words: Sequence[Word], weekday: int | None, shift: int | None, today: date
) -> Iterator[date]:
    kinds = {word.kind for word in words}
    if not kinds <= {
        Kind.WEEKDAY, Kind.MONTH, Kind.DAYS, Kind.THIS, Kind.NEXT, Kind.NEXT_WEEK, Kind.NUMBER,
    }:  # fmt: skip
        raise NotUnderstood
    numbers = [word.value for word in words if word.kind is Kind.NUMBER]
    month = _only([word.value for word in words if word.kind is Kind.MONTH])
    if shift is not None and not numbers and month is None:
        yield today + timedelta(days=shift)
    elif numbers and shift is None and Kind.NEXT_WEEK not in kinds:
        yield from _by_number(numbers, month, today)
    elif weekday is not None and month is None and shift is None:
        yield _by_weekday(weekday, kinds, today)


def _by_number(numbers: list[int], month: int | None, today: date) -> Iterator[date]:
    day = _only([number for number in numbers if number <= 31])
    year = _only([number for number in numbers if number > 31])
    if day is None or (month is None and year is not None):
        raise NotUnderstood
    years = _years(year, today)
    months = range(1, 13) if month is None else (month,)
    found = sorted(it for number in months for it in _days(day, number, years))
    if year is not None:
        yield from found
    elif month is None:
        yield from [it for it in found if it >= today][:1]
    else:
        yield from (it for it in found if it >= today)


def _by_weekday(weekday: int, kinds: set[Kind], today: date) -> date:
    if Kind.NEXT_WEEK in kinds:
        return today + timedelta(days=_WEEK - today.weekday() + weekday)
    ahead = (weekday - today.weekday()) % _WEEK
    if ahead == 0 and Kind.NEXT in kinds:
        ahead = _WEEK
    if ahead == 0 and Kind.THIS not in kinds:
        raise TodayOrNextWeek
    return today + timedelta(days=ahead)


def _years(year: int | None, today: date) -> list[int]:
    if year is None:
        return [today.year, today.year + 1]
    return [year + 2000 if year < 100 else year]


def _days(day: int, month: int, years: Sequence[int]) -> list[date]:
    """That day of each year in which there is one."""
    days = []
    for year in years:
        try:
            days.append(date(year, month, day))
        except ValueError:
            continue
    return days


def _only(values: list[int]) -> int | None:
    """The value, None for none. Two of a kind are more than one day."""
    if len(set(values)) > 1:
        raise NotUnderstood
    return values[0] if values else None
