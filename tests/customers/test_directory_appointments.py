"""Appointments, as both directories keep them: no time of a calendar is given away twice."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from asgiref.sync import sync_to_async

from customers.directory import CustomerDirectory, NoSuchThing, NotAllowed, SlotTaken
from customers.records import Appointment, CustomerRecord, TimeTaken
from tests.customers.directories import Storage

TEN = datetime(2031, 12, 1, 10, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)


@pytest.fixture
async def ana(directory: CustomerDirectory) -> CustomerRecord:
    return await directory.create_customer("+351200000011", "Ana Reis", "pt")


@pytest.fixture
async def bea(directory: CustomerDirectory) -> CustomerRecord:
    return await directory.create_customer("+351200000012", "Bea", "")


async def book(
    directory: CustomerDirectory,
    customer: CustomerRecord,
    starts_at: datetime = TEN,
    ends_at: datetime | None = None,
    *,
    calendar: str = "main",
) -> Appointment:
    ends_at = ends_at or starts_at + HALF_HOUR
    return await directory.book(customer.customer_id, calendar, starts_at, ends_at, "A check-up")


async def test_a_booking_is_among_the_appointments(
    directory: CustomerDirectory, ana: CustomerRecord, bea: CustomerRecord
) -> None:
    later = await book(directory, ana, TEN + DAY)
    first = await book(directory, ana)
    await book(directory, bea, TEN + 2 * DAY)
    assert first.customer_id == ana.customer_id
    assert (first.calendar, first.reason) == ("main", "A check-up")
    assert (first.starts_at, first.ends_at) == (TEN, TEN + HALF_HOUR)
    assert await directory.appointments(ana.customer_id, TEN - DAY) == (first, later)


async def test_an_appointment_is_told_until_it_ends(
    directory: CustomerDirectory, ana: CustomerRecord
) -> None:
    one = await book(directory, ana)
    almost = TEN + HALF_HOUR - timedelta(microseconds=1)
    assert await directory.appointments(ana.customer_id, almost) == (one,)
    assert await directory.appointments(ana.customer_id, TEN + HALF_HOUR) == ()


async def test_what_is_taken_of_a_calendar_is_told(
    directory: CustomerDirectory, ana: CustomerRecord, bea: CustomerRecord
) -> None:
    await book(directory, bea, TEN + HALF_HOUR)
    await book(directory, ana)
    await book(directory, ana, calendar="other")
    gone = await book(directory, ana, TEN + 4 * HALF_HOUR)
    await directory.cancel(ana.customer_id, gone.appointment_id)
    first, second = (TimeTaken(TEN + n * HALF_HOUR, TEN + (n + 1) * HALF_HOUR) for n in range(2))
    assert await directory.taken("main", TEN - DAY, TEN + DAY) == (first, second)
    # What ends as the span begins, or begins as it ends, is outside.
    assert await directory.taken("main", TEN + HALF_HOUR, TEN + DAY) == (second,)
    assert await directory.taken("main", TEN - DAY, TEN + HALF_HOUR) == (first,)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        (timedelta(0), HALF_HOUR),
        (timedelta(minutes=29), timedelta(minutes=59)),
        (timedelta(minutes=-29), timedelta(minutes=1)),
        (timedelta(minutes=10), timedelta(minutes=20)),
        (-DAY, DAY),
        (HALF_HOUR - timedelta(microseconds=1), timedelta(hours=1)),
        (-HALF_HOUR, timedelta(microseconds=1)),
    ],
)
async def test_an_overlap_is_taken_however_short(
    directory: CustomerDirectory,
    ana: CustomerRecord,
    bea: CustomerRecord,
    starts: timedelta,
    ends: timedelta,
) -> None:
    one = await book(directory, ana)
    with pytest.raises(SlotTaken):
        await book(directory, bea, TEN + starts, TEN + ends)
    assert await directory.appointments(bea.customer_id, TEN - 2 * DAY) == ()
    assert await directory.appointments(ana.customer_id, TEN - 2 * DAY) == (one,)


async def test_one_s_own_time_is_taken_for_a_longer_one_that_begins_before(
    directory: CustomerDirectory, ana: CustomerRecord
) -> None:
    await book(directory, ana)
    with pytest.raises(SlotTaken):
        await book(directory, ana, TEN - timedelta(minutes=1))


async def test_appointments_may_touch(
    directory: CustomerDirectory, ana: CustomerRecord, bea: CustomerRecord
) -> None:
    await book(directory, ana)
    await book(directory, bea, TEN - HALF_HOUR)
    await book(directory, bea, TEN + HALF_HOUR)
    assert len(await directory.taken("main", TEN - DAY, TEN + DAY)) == 3


async def test_calendars_are_apart(
    directory: CustomerDirectory, ana: CustomerRecord, bea: CustomerRecord
) -> None:
    await book(directory, ana, calendar="Room 1, left")
    await book(directory, bea, calendar="Room 2")
    assert len(await directory.taken("Room 1, left", TEN - DAY, TEN + DAY)) == 1


async def test_a_zone_changes_nothing(
    directory: CustomerDirectory, ana: CustomerRecord, bea: CustomerRecord
) -> None:
    lisbon_to_tokyo = timezone(timedelta(hours=9))
    one = await book(directory, ana, TEN.astimezone(lisbon_to_tokyo))
    assert one.starts_at == TEN and one.starts_at.tzinfo is not None
    with pytest.raises(SlotTaken):
        await book(directory, bea, TEN.astimezone(timezone(timedelta(hours=-8))))
    zoned = (TEN - DAY).astimezone(lisbon_to_tokyo)
    assert await directory.taken("main", zoned, zoned + 2 * DAY) == (
        TimeTaken(TEN, TEN + HALF_HOUR),
    )


async def test_the_same_booking_twice_is_one(
    directory: CustomerDirectory, ana: CustomerRecord
) -> None:
    one = await book(directory, ana)
    assert await book(directory, ana) == one
    assert await directory.appointments(ana.customer_id, TEN - DAY) == (one,)


@pytest.mark.parametrize("ends", [timedelta(0), -HALF_HOUR])
async def test_it_refuses_an_appointment_that_ends_before_it_has_begun(
    directory: CustomerDirectory, ana: CustomerRecord, ends: timedelta
) -> None:
    with pytest.raises(NotAllowed):
        await book(directory, ana, TEN, TEN + ends)
    assert await directory.appointments(ana.customer_id, TEN - DAY) == ()


@pytest.mark.parametrize(("calendar", "reason"), [("c" * 41, ""), ("", ""), ("main", "r" * 201)])
async def test_it_refuses_an_appointment_it_cannot_keep(
    directory: CustomerDirectory, ana: CustomerRecord, calendar: str, reason: str
) -> None:
    with pytest.raises(NotAllowed):
        await directory.book(ana.customer_id, calendar, TEN, TEN + HALF_HOUR, reason)
    assert await directory.taken(calendar, TEN - DAY, TEN + DAY) == ()


async def test_a_cancelled_time_is_free_again(
    storage: Storage, ana: CustomerRecord, bea: CustomerRecord
) -> None:
    directory = storage.directory
    one = await book(directory, ana)
    assert await directory.cancel(ana.customer_id, one.appointment_id) == one
    assert await directory.appointments(ana.customer_id, TEN - DAY) == ()
    await book(directory, bea)
    # Cancelling it once more takes nothing from Bea.
    assert await directory.cancel(ana.customer_id, one.appointment_id) == one
    assert await sync_to_async(storage.statuses)() == ["cancelled", "booked"]


async def test_nobody_cancels_somebody_else_s(
    storage: Storage, ana: CustomerRecord, bea: CustomerRecord
) -> None:
    one = await book(storage.directory, ana)
    with pytest.raises(NoSuchThing):
        await storage.directory.cancel(bea.customer_id, one.appointment_id)
    assert await sync_to_async(storage.statuses)() == ["booked"]
