"""Which times are free near one that is not? Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from customers.records import TimeTaken

MOST_DAYS = 14
CHOICES = 3
MINUTES_OF_A_DAY = 24 * 60
GRID_MINUTES = 15  # for lengths that do not divide an hour
CHECKED_EVERY_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Slots:
    """How a calendar is given away: pieces of `minutes`, while the business is open."""

    minutes: int
    is_open: Callable[[datetime], bool]

    def ends(self, starts_at: datetime) -> datetime:
        """So many minutes later, also in a night in which the clocks change."""
        ended = starts_at.astimezone(UTC) + timedelta(minutes=self.minutes)
        return ended.astimezone(starts_at.tzinfo)

    def within_hours(self, starts_at: datetime) -> bool:
        """Open from the start to just before the end, without a break in between."""
        steps = (*range(0, self.minutes, CHECKED_EVERY_MINUTES), self.minutes - 1)
        begun = starts_at.astimezone(UTC)
        zone = starts_at.tzinfo
        return all(
            self.is_open((begun + timedelta(minutes=step)).astimezone(zone)) for step in steps
        )

    def nearest_free(
        self, wanted: datetime, now: datetime, taken: Sequence[TimeTaken]
    ) -> tuple[datetime, ...]:
        """Up to three, in order: those of the day wanted that are nearest, else of the next day
        that has any. None within a fortnight: empty.
        """
        for days in range(MOST_DAYS):
            day = wanted.date() + timedelta(days=days)
            that_day = self._of_day(day, wanted, taken)
            possible = (
                start
                for start in self._starts(day, wanted)
                if start > now
                and start != wanted
                and self._is_free(start, that_day)
                and self.within_hours(start)
            )
            if found := sorted(islice(possible, CHOICES)):
                return tuple(found)
        return ()

    def _of_day(self, day: date, wanted: datetime, taken: Sequence[TimeTaken]) -> list[TimeTaken]:
        """What could be in the way of something that starts on that day."""
        begins = datetime.combine(day, time(), wanted.tzinfo)
        ends = begins + timedelta(days=1, minutes=self.minutes)
        return [other for other in taken if other.starts_at < ends and other.ends_at > begins]

    def _starts(self, day: date, wanted: datetime) -> list[datetime]:
        """Of a whole day, the nearest to the time wanted first."""
        step = self.minutes if 60 % self.minutes == 0 else GRID_MINUTES
        starts = [
            datetime.combine(day, time(minute // 60, minute % 60), wanted.tzinfo)
            for minute in range(0, MINUTES_OF_A_DAY, step)
        ]
        return sorted(
            (start for start in starts if exists(start)),
            key=lambda start: abs(_minute(start) - _minute(wanted)),
        )

    def _is_free(self, start: datetime, taken: Sequence[TimeTaken]) -> bool:
        end = self.ends(start)
        return all(end <= other.starts_at or other.ends_at <= start for other in taken)


def exists(moment: datetime) -> bool:
    """Not so in the hour that is left out when clocks go forward."""
    there = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return there.replace(tzinfo=None) == moment.replace(tzinfo=None)


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute
