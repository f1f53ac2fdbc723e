"""Two calls do the same at the same moment: each directory lets one of them win."""

import asyncio
from datetime import UTC, datetime, timedelta

from customers.directory import CustomerDirectory, SlotTaken
from customers.records import Appointment, CustomerRecord
from tests.customers.directories import Storage

TEN = datetime(2031, 12, 1, 10, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
CALLERS = 8
ROUNDS = 5


async def callers(directory: CustomerDirectory) -> list[CustomerRecord]:
    return [
        await directory.create_customer(f"+35120000001{n}", f"Caller {n}", "")
        for n in range(CALLERS)
    ]


async def test_of_all_who_book_one_time_exactly_one_gets_it(directory: CustomerDirectory) -> None:
    everybody = await callers(directory)
    for round_ in range(ROUNDS):
        starts_at = TEN + round_ * timedelta(days=1)
        answers = await asyncio.gather(
            *(
                # Each a minute later than the one before: all overlap, no two are the same.
                directory.book(
                    one.customer_id,
                    "main",
                    starts_at + timedelta(minutes=n),
                    starts_at + timedelta(minutes=n) + HALF_HOUR,
                    "",
                )
                for n, one in enumerate(everybody)
            ),
            return_exceptions=True,
        )
        booked = [answer for answer in answers if isinstance(answer, Appointment)]
        refused = [answer for answer in answers if isinstance(answer, SlotTaken)]
        assert (len(booked), len(refused)) == (1, CALLERS - 1), answers
        day = await directory.taken("main", starts_at, starts_at + timedelta(hours=2))
        assert [taken.starts_at for taken in day] == [booked[0].starts_at]


async def test_one_who_books_the_same_time_many_times_at_once_has_it_once(
    storage: Storage,
) -> None:
    directory = storage.directory
    ana = await directory.create_customer("+351200000011", "Ana", "")
    answers = await asyncio.gather(
        *(directory.book(ana.customer_id, "main", TEN, TEN + HALF_HOUR, "") for _ in range(CALLERS))
    )
    assert len(set(answers)) == 1
    assert await directory.appointments(ana.customer_id, TEN) == (answers[0],)


async def test_times_that_only_touch_are_all_booked_at_once(directory: CustomerDirectory) -> None:
    everybody = await callers(directory)
    booked = await asyncio.gather(
        *(
            directory.book(
                one.customer_id, "main", TEN + n * HALF_HOUR, TEN + (n + 1) * HALF_HOUR, ""
            )
            for n, one in enumerate(everybody)
        )
    )
    assert len({appointment.appointment_id for appointment in booked}) == CALLERS


async def test_a_customer_who_calls_twice_at_once_is_one(directory: CustomerDirectory) -> None:
    made = await asyncio.gather(
        *(directory.create_customer("+351200000011", "Ana", "pt") for _ in range(CALLERS))
    )
    assert len(set(made)) == 1
    assert await directory.find_by_phone("+351200000011") == made[0]


async def test_a_fact_that_two_calls_note_is_one(directory: CustomerDirectory) -> None:
    ana = await directory.create_customer("+351200000011", "Ana", "")
    answers = await asyncio.gather(
        *(directory.add_fact(ana.customer_id, "Prefers mornings.") for _ in range(CALLERS))
    )
    assert set(answers) == {("Prefers mornings.",)}
