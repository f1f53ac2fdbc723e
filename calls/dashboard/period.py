"""Which stretch of time does the dashboard look at, and in what steps? Days of the admin's zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

LONGEST_DAYS = 366
HOURLY_UP_TO_DAYS = 2
USUAL = "2"
CUSTOM = "custom"
# Key: how many days before today it begins, and how many before today its last day is.
REACH = {
    USUAL: (1, 0),
    "today": (0, 0),
    "yesterday": (1, 1),
    "7": (6, 0),
    "30": (29, 0),
    "90": (89, 0),
}


def choices() -> tuple[tuple[str, str], ...]:
    return (
        (USUAL, _("Yesterday and today")),
        ("today", _("Today")),
        ("yesterday", _("Yesterday")),
        ("7", _("Last 7 days")),
        ("30", _("Last 30 days")),
        ("90", _("Last 90 days")),
        (CUSTOM, _("From – to")),
    )


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both among them."""

    key: str
    first: date
    last: date

    @property
    def start(self) -> datetime:
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def by_hour(self) -> bool:
        return (self.last - self.first).days < HOURLY_UP_TO_DAYS

    @property
    def days(self) -> tuple[date, ...]:
        count = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=number) for number in range(count))

    def slots(self) -> tuple[datetime, ...]:
        """When each step begins. A day on which the clocks change has 23 or 25 hours."""
        if not self.by_hour:
            return tuple(_midnight(day) for day in self.days)
        start = self.start.astimezone(UTC)
        hours = round((self.end.astimezone(UTC) - start) / timedelta(hours=1))
        return tuple(start + timedelta(hours=number) for number in range(hours))

    def label(self, slot: datetime) -> str:
        here = timezone.localtime(slot)
        if not self.by_hour:
            return format_date(here, "j M")
        return format_date(here, "H:i" if len(self.days) == 1 else "D H:i")


def of_key(key: str, today: date) -> Period:
    before, until = REACH[key]
    return Period(key, today - timedelta(days=before), today - timedelta(days=until))


def from_to(first: date, last: date) -> Period:
    """The later part of it where it is too long to be worked out."""
    first, last = min(first, last), max(first, last)
    return Period(CUSTOM, max(first, last - timedelta(days=LONGEST_DAYS - 1)), last)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
