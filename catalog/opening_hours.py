"""Is the business open at this moment? Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class OpenInterval:
    """Open on `weekday` (Monday is 0) from the one minute of the day to before the other."""

    weekday: int
    opens_minute: int
    closes_minute: int


def is_open(hours: Iterable[OpenInterval], at: datetime) -> bool:
    """Whether `at`, in the business's own time zone, is within its hours. No hours: always."""
    hours = tuple(hours)
    minute = at.hour * 60 + at.minute
    return not hours or any(
        interval.weekday == at.weekday()
        and interval.opens_minute <= minute < interval.closes_minute
        for interval in hours
    )
