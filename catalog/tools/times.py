"""When is meant? A day and a time, as models write them and people say them, in one time zone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.translation import gettext as _

from catalog.tools.clock_times import clocks_in
from catalog.tools.context import ToolError
from catalog.tools.date_words import NotUnderstood
from catalog.tools.dates import OtherWeekday, TodayOrNextWeek, day_in
from catalog.tools.free_times import exists
from catalog.tools.spoken_times import spoken_day

MOST_DAYS_AHEAD = 366
MOST_CHARS = 80

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?"
)
_WITH_OFFSET = re.compile(r"(\d\d:\d\d)(?::\d\d(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)")
_TIME_FOLLOWS = re.compile(r"\s(?:at|às|pelas)\s|,\s*(?=\d{1,2}(?::|h|\s?[ap]\.?m))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: a day, or None; times of day, two for "3" alone, none if none was named.

    `zone` is the business's, or the offset that came with the time.
    """

    day: date | None
    clocks: tuple[time, ...]
    zone: tzinfo

    def fits(self, moment: datetime) -> bool:
        """Whether this could be meant. What was not named fits everything."""
        there = moment.astimezone(self.zone)
        right_day = self.day is None or self.day == there.date()
        return right_day and (not self.clocks or there.time().replace(second=0) in self.clocks)


def asked_for(date_text: str, time_text: str, now: datetime, language: str) -> Asked:
    """Raises ToolError with a question for the caller. `now` has the business's time zone."""
    day_text, clock_text = date_text.strip()[:MOST_CHARS], time_text.strip()[:MOST_CHARS]
    if not clock_text and not _MOMENT.fullmatch(day_text):
        day_text, clock_text = _divided(day_text)
    zone = now.tzinfo or UTC
    for text in (clock_text, day_text):
        if whole := _MOMENT.fullmatch(text):
            day_text, clock_text = _agreeing(whole, day_text, now, language)
    # Of a time alone, 14:00-15:00 is no offset: it is from two to three.
    is_moment = any(_MOMENT.fullmatch(text.strip()) for text in (date_text, time_text))
    with_offset = _WITH_OFFSET.fullmatch(clock_text)
    if with_offset and (is_moment or not re.match(r"-\d\d:", with_offset[2])):
        clock_text, zone = with_offset[1], _offset(with_offset[2])
    day = _day(day_text, now.astimezone(zone).date(), language) if day_text else None
    return Asked(day, _clocks(clock_text, language) if clock_text else (), zone)


def moment_of(
    asked: Asked, now: datetime, language: str, is_open: Callable[[datetime], bool]
) -> datetime:
    """The one moment that is meant, in the zone of `now`. Raises ToolError with a question.

    "3" is the one of the two that is within the opening hours.
    """
    if asked.day is None:
        raise ToolError(_("Which day would you like?"))
    if not asked.clocks:
        raise ToolError(_("At what time would you like to come?"))
    zone = now.tzinfo or UTC
    possible = [_at(asked.day, clock, asked.zone) for clock in asked.clocks]
    real = [moment.astimezone(zone) for moment in possible if exists(moment)]
    if not real:
        raise ToolError(_("The clocks change that night: there is no such time. Which other one?"))
    meant = [moment for moment in real if is_open(moment)] or real
    ahead = [moment for moment in meant if moment.astimezone(UTC) > now.astimezone(UTC)]
    if not ahead:
        raise ToolError(_("That time has passed already. Which other time would you like?"))
    if len(ahead) > 1:
        raise ToolError(_("Do you mean in the morning, or in the afternoon?"))
    if ahead[0].date() - now.date() > timedelta(days=MOST_DAYS_AHEAD):
        raise ToolError(_("That is more than a year ahead. Is there an earlier day?"))
    return ahead[0]


def _divided(text: str) -> tuple[str, str]:
    """Models put "tomorrow at 3 pm" into the day."""
    if found := _TIME_FOLLOWS.search(text):
        return text[: found.start()].strip(), text[found.end() :].strip()
    return text, ""


def _agreeing(whole: re.Match[str], day_text: str, now: datetime, language: str) -> tuple[str, str]:
    """The day and the time of 2026-12-01T15:00+01:00, if the day beside it is the same."""
    day = whole[1]
    if day_text and not _MOMENT.fullmatch(day_text):
        beside = _day(day_text, now.date(), language)
        if beside.isoformat() != day:
            raise ToolError(_unclear_day())
    return day, f"{whole[2]}{whole[3] or ''}"


def _day(text: str, today: date, language: str) -> date:
    try:
        return day_in(text, today, language)
    except TodayOrNextWeek:
        raise ToolError(
            _("Do you mean today, %(today)s, or a week from today?")
            % {"today": spoken_day(today, language)}
        ) from None
    except OtherWeekday:
        raise ToolError(
            _("That date falls on another day of the week. Which day do you mean?")
        ) from None
    except NotUnderstood:
        raise ToolError(_unclear_day()) from None


def _clocks(text: str, language: str) -> tuple[time, ...]:
    try:
        return clocks_in(text, language)
    except NotUnderstood:
        raise ToolError(
            _("I did not understand the time. Could you say it again, such as 15:00?")
        ) from None


def _unclear_day() -> str:
    return _("I did not understand the day. Could you say it with the month?")


def _offset(text: str) -> tzinfo:
    zone = datetime.fromisoformat(f"2026-01-01T00:00{text}").tzinfo
    return zone or UTC


def _at(day: date, clock: time, zone: tzinfo) -> datetime:
    """When clocks go back, an hour comes twice: the first is meant."""
    return datetime.combine(day, clock, zone)
