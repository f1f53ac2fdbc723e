"""Business hours: when they count as open, and what the form refuses."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Agent, OpeningHours
from catalog.opening_hours import MINUTES_OF_A_DAY, OpenInterval, is_open

LISBON = ZoneInfo("Europe/Lisbon")
MONDAY, SATURDAY, SUNDAY = 0, 5, 6


def interval(weekday: int, opens: str, closes: str) -> OpenInterval:
    return OpeningHours(
        weekday=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
    ).interval


def on_monday(clock: str) -> datetime:
    return datetime.combine(datetime(2026, 3, 9, tzinfo=LISBON), time.fromisoformat(clock), LISBON)


def hours_open(hours: list[OpenInterval], since: datetime, count: int) -> list[str]:
    """Of the hours that really pass from `since` on, those that begin open, by the clock there."""
    moments = (since.astimezone(UTC) + timedelta(hours=number) for number in range(count))
    local = [moment.astimezone(LISBON) for moment in moments]
    return [f"{moment:%a %H:%M %Z}" for moment in local if is_open(hours, moment)]


def test_a_business_without_hours_is_always_open() -> None:
    assert is_open([], on_monday("03:00"))


@pytest.mark.parametrize(
    ("clock", "open_then"),
    [
        ("08:59:59", False),
        ("09:00", True),
        ("12:59:59", True),
        ("13:00", False),
        ("13:59", False),
        ("14:00", True),
        ("17:59", True),
        ("18:00", False),
    ],
)
def test_a_lunch_break_is_two_lines(clock: str, open_then: bool) -> None:
    hours = [interval(MONDAY, "09:00", "13:00"), interval(MONDAY, "14:00", "18:00")]
    assert is_open(hours, on_monday(clock)) is open_then
    assert not is_open(hours, on_monday(clock) + timedelta(days=1))


def test_a_night_is_two_lines() -> None:
    night = [interval(SATURDAY, "22:00", "00:00"), interval(SUNDAY, "00:00", "02:00")]
    saturday = datetime(2026, 3, 14, 12, tzinfo=LISBON)
    assert hours_open(night, saturday, 36) == [
        "Sat 22:00 WET",
        "Sat 23:00 WET",
        "Sun 00:00 WET",
        "Sun 01:00 WET",
    ]
    assert is_open(night, datetime(2026, 3, 14, 23, 59, 59, tzinfo=LISBON))


def test_midnight_is_the_end_of_the_day_and_its_beginning() -> None:
    whole = interval(MONDAY, "00:00", "00:00")
    assert whole == OpenInterval(MONDAY, 0, MINUTES_OF_A_DAY)
    assert len(hours_open([whole], datetime(2026, 3, 8, tzinfo=LISBON), 72)) == 24


def test_lines_that_overlap_do_no_harm() -> None:
    hours = [interval(MONDAY, "09:00", "13:00"), interval(MONDAY, "12:00", "18:00")]
    twice = [*hours, *hours]
    open_then = [minute for minute in range(1440) if is_open(twice, _at_minute(minute))]
    assert open_then == list(range(9 * 60, 18 * 60))


def _at_minute(minute: int) -> datetime:
    return on_monday(f"{minute // 60:02}:{minute % 60:02}")


def test_it_goes_by_the_clock_on_the_wall_when_summer_time_begins() -> None:
    """On 29 March 2026 there is no time between 01:00 and 02:00 in Lisbon."""
    hours = [interval(SUNDAY, "00:00", "03:00"), interval(SUNDAY, "09:00", "10:00")]
    assert hours_open(hours, datetime(2026, 3, 29, tzinfo=LISBON), 12) == [
        "Sun 00:00 WET",
        "Sun 02:00 WEST",
        "Sun 09:00 WEST",
    ]


def test_it_goes_by_the_clock_on_the_wall_when_summer_time_ends() -> None:
    """On 25 October 2026 the hour from 01:00 to 02:00 comes twice in Lisbon."""
    hours = [interval(SUNDAY, "01:00", "02:00"), interval(SUNDAY, "09:00", "10:00")]
    assert hours_open(hours, datetime(2026, 10, 25, tzinfo=LISBON), 12) == [
        "Sun 01:00 WEST",
        "Sun 01:00 WET",
        "Sun 09:00 WET",
    ]


@pytest.mark.parametrize(
    ("opens", "closes"), [("09:00", "08:59"), ("09:00", "09:00"), ("22:00", "02:00")]
)
def test_what_closes_before_it_opens_is_refused_with_the_way_to_write_a_night(
    opens: str, closes: str
) -> None:
    hours = OpeningHours(
        weekday=MONDAY, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
    )
    with pytest.raises(ValidationError, match="write two lines"):
        hours.clean()


@pytest.mark.parametrize(
    ("opens", "closes"), [("09:00", "09:01"), ("09:00", "00:00"), ("00:00", "00:00")]
)
def test_what_closes_after_it_opens_is_taken(opens: str, closes: str) -> None:
    OpeningHours(
        weekday=MONDAY, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
    ).clean()


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["opens", "closes", "weekday"])
def test_a_line_with_something_missing_is_an_error_at_that_field(field: str) -> None:
    given = {"weekday": MONDAY, "opens": time(9), "closes": time(17), field: None}
    with pytest.raises(ValidationError) as refused:
        OpeningHours(agent=Agent.objects.get(), **given).full_clean()
    assert list(refused.value.message_dict) == [field]
