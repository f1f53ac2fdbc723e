"""catalog/tools/appointments.py: making, telling and cancelling the caller's own."""

import pytest

from catalog.tools.appointments import book_appointment, cancel_appointment, list_appointments
from catalog.tools.context import ToolError
from customers import directory as directory_module
from tests.catalog.fake_call import MARIA, MARIAS_NUMBER, FakeCall, FakeDirectory

TUESDAY = "2026-12-01"


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> FakeDirectory:
    directory = FakeDirectory({MARIAS_NUMBER: MARIA})
    monkeypatch.setattr(directory_module, "get_directory", lambda: directory)
    return directory


@pytest.fixture
def call() -> FakeCall:
    return FakeCall(customer=MARIA)


# Booking ----------------------------------------------------------------------


async def test_it_books_and_repeats_day_and_time_in_words(
    directory: FakeDirectory, call: FakeCall
) -> None:
    outcome = await book_appointment(call, "Tuesday next week", "3 pm", " a  check-up ")
    (booked,) = directory.booked
    assert (booked.customer_id, booked.calendar, booked.reason) == (7, "main", "a check-up")
    assert booked.starts_at == call.at("2026-11-24 15:00")
    assert booked.ends_at == call.at("2026-11-24 15:30")
    assert outcome.ok
    assert outcome.say == "Your appointment is booked: Tuesday, 24 November at 15:00."
    assert (outcome.data["date"], outcome.data["time"]) == ("2026-11-24", "15:00")


async def test_it_takes_length_and_calendar_from_the_agent(directory: FakeDirectory) -> None:
    call = FakeCall(customer=MARIA, minutes=60, calendar="dr-rui")
    await book_appointment(call, TUESDAY, "16:00")
    (booked,) = directory.booked
    assert booked.calendar == "dr-rui"
    assert booked.ends_at == call.at(f"{TUESDAY} 17:00")


async def test_a_unknown_caller_is_asked_for_the_name_first(directory: FakeDirectory) -> None:
    outcome = await book_appointment(FakeCall(number="+351200000022"), TUESDAY, "15:00")
    assert not outcome.ok and outcome.data["needs"] == "name"
    assert "create_customer" in str(outcome.data["next"])
    assert outcome.say is not None and "name" in outcome.say
    assert directory.booked == []


async def test_it_tells_who_has_that_appointment_already(
    directory: FakeDirectory, call: FakeCall
) -> None:
    await book_appointment(call, TUESDAY, "15:00")
    again = await book_appointment(call, "1 December", "3 pm")
    assert again.ok
    assert again.say == "You have that appointment already: Tuesday, 1 December at 15:00."
    assert len(directory.booked) == 1


async def test_what_was_cancelled_can_be_booked_again(
    directory: FakeDirectory, call: FakeCall
) -> None:
    await book_appointment(call, TUESDAY, "15:00")
    await cancel_appointment(call, TUESDAY, "15:00")
    assert (await book_appointment(call, TUESDAY, "15:00")).ok
    assert len(directory.booked) == 1


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("Saturday", "10:00"),
        (TUESDAY, "08:30"),
        (TUESDAY, "17:45"),  # would end after closing
        (TUESDAY, "12:45"),  # would reach into lunch
        (TUESDAY, "13:30"),
    ],
)
async def test_it_keeps_to_the_opening_hours(
    directory: FakeDirectory, call: FakeCall, date: str, time: str
) -> None:
    outcome = await book_appointment(call, date, time)
    assert not outcome.ok and outcome.say is not None
    assert outcome.say.startswith("We are closed then. On ")
    assert directory.booked == []
    free = list(outcome.data["free"])
    day, _, clock = str(free[0]).partition(" ")
    assert (await book_appointment(call, day, clock)).ok, "what it offers, it books"


async def test_a_slot_may_end_when_the_business_closes(
    directory: FakeDirectory, call: FakeCall
) -> None:
    assert (await book_appointment(call, TUESDAY, "17:30")).ok
    assert (await book_appointment(call, TUESDAY, "12:30")).ok


# Taken ------------------------------------------------------------------------


async def test_it_offers_the_nearest_free_times_of_the_day(
    directory: FakeDirectory, call: FakeCall
) -> None:
    directory.take(call, f"{TUESDAY} 15:00", f"{TUESDAY} 15:30")
    outcome = await book_appointment(call, TUESDAY, "15:00")
    assert not outcome.ok
    assert outcome.data["free"] == [f"{TUESDAY} 14:00", f"{TUESDAY} 14:30", f"{TUESDAY} 16:00"]
    assert outcome.say == (
        "That time is taken. On Tuesday, 1 December I could offer 14:00, 14:30 or 16:00."
    )


async def test_it_offers_the_next_open_day_when_the_day_is_full(
    directory: FakeDirectory, call: FakeCall
) -> None:
    friday = "2026-12-04"
    hours = [f"{friday} {hour:02}:{minute:02}" for hour in range(9, 18) for minute in (0, 30)]
    directory.take(call, *hours)
    outcome = await book_appointment(call, friday, "15:00")
    assert [str(free)[:10] for free in outcome.data["free"]] == ["2026-12-07"] * 3
    assert "Monday, 7 December" in str(outcome.say)


async def test_it_says_so_when_nothing_is_free_for_two_weeks(
    directory: FakeDirectory, call: FakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call, "is_open", lambda at: False)
    outcome = await book_appointment(call, TUESDAY, "15:00")
    assert outcome.data["free"] == []
    assert "Nothing is free" in str(outcome.say)


async def test_it_offers_nothing_that_has_passed(directory: FakeDirectory) -> None:
    call = FakeCall(customer=MARIA)
    call.time = call.time.replace(day=24, hour=14, minute=50)  # a Tuesday
    directory.take(call, "2026-11-24 15:00")
    outcome = await book_appointment(call, "today", "15:00")
    assert outcome.data["free"] == ["2026-11-24 15:30", "2026-11-24 16:00", "2026-11-24 16:30"]


@pytest.mark.parametrize(
    ("minutes", "free"),
    [(20, ["14:20", "14:40", "15:20"]), (60, ["14:00", "16:00", "17:00"]), (90, ["16:30"])],
)
async def test_it_offers_times_that_fit_the_length(
    directory: FakeDirectory, minutes: int, free: list[str]
) -> None:
    call = FakeCall(customer=MARIA, minutes=minutes)
    directory.take(call, f"{TUESDAY} 15:00")
    outcome = await book_appointment(call, TUESDAY, "15:00")
    assert [str(it)[11:] for it in outcome.data["free"]][-len(free) :] == free


async def test_another_calendar_takes_nothing_away(directory: FakeDirectory) -> None:
    other = FakeCall(calendar="dr-rui")
    directory.take(other, f"{TUESDAY} 15:00")
    assert (await book_appointment(FakeCall(customer=MARIA), TUESDAY, "15:00")).ok


# Telling ----------------------------------------------------------------------


async def test_it_tells_the_callers_own_appointments_in_words(
    directory: FakeDirectory, call: FakeCall
) -> None:
    directory.take(call, f"{TUESDAY} 15:00", "2026-11-25 09:00", whose=7)
    directory.take(call, "2026-11-26 09:00", whose=99)
    outcome = await list_appointments(call)
    assert outcome.data["appointments"] == [
        "Wednesday, 25 November at 09:00",
        "Tuesday, 1 December at 15:00",
    ]
    assert outcome.say == (
        "You have an appointment on Wednesday, 25 November at 09:00; Tuesday, 1 December at 15:00."
    )


@pytest.mark.parametrize("number", [MARIAS_NUMBER, "+351200000022"])
async def test_it_says_when_there_are_none(directory: FakeDirectory, number: str) -> None:
    outcome = await list_appointments(FakeCall(number=number))
    assert outcome.ok and outcome.say == "You have no appointment with us."


# Cancelling -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "time"), [("", ""), (TUESDAY, ""), ("", "15:00"), ("Tuesday, 1 December", "3 pm")]
)
async def test_it_cancels_the_one_that_is_meant(
    directory: FakeDirectory, call: FakeCall, date: str, time: str
) -> None:
    directory.take(call, f"{TUESDAY} 15:00", whose=7)
    outcome = await cancel_appointment(call, date, time)
    assert outcome.say == "Your appointment on Tuesday, 1 December at 15:00 is cancelled."
    assert directory.booked == []


async def test_it_asks_which_one_when_several_fit(directory: FakeDirectory, call: FakeCall) -> None:
    directory.take(call, f"{TUESDAY} 15:00", f"{TUESDAY} 16:00", whose=7)
    with pytest.raises(ToolError, match="Which one.*15:00 or Tuesday, 1 December at 16:00"):
        await cancel_appointment(call, "1 December")
    assert len(directory.booked) == 2
    await cancel_appointment(call, "1 December", "16:00")
    assert [booked.starts_at.hour for booked in directory.booked] == [15]


@pytest.mark.parametrize(("date", "time"), [("", ""), (TUESDAY, "15:00")])
async def test_it_cancels_nobody_elses(
    directory: FakeDirectory, call: FakeCall, date: str, time: str
) -> None:
    directory.take(call, f"{TUESDAY} 15:00", whose=99)
    with pytest.raises(ToolError, match="no appointment"):
        await cancel_appointment(call, date, time)
    assert len(directory.booked) == 1


async def test_it_finds_none_at_another_time(directory: FakeDirectory, call: FakeCall) -> None:
    directory.take(call, f"{TUESDAY} 15:00", whose=7)
    with pytest.raises(ToolError, match="no appointment of yours for then"):
        await cancel_appointment(call, "2026-12-02")
    assert len(directory.booked) == 1


# What may go wrong ------------------------------------------------------------

EVERY = [
    lambda call: book_appointment(call, TUESDAY, "15:00"),
    list_appointments,
    cancel_appointment,
]


@pytest.mark.parametrize("run", EVERY)
async def test_a_withheld_number_is_refused_kindly(directory: FakeDirectory, run) -> None:
    with pytest.raises(ToolError, match="withheld"):
        await run(FakeCall(number=None))
    assert directory.asked == []


@pytest.mark.parametrize("run", EVERY)
async def test_it_says_so_when_the_directory_is_away(directory: FakeDirectory, run) -> None:
    directory.away = True
    with pytest.raises(ToolError, match="cannot reach our records"):
        await run(FakeCall(customer=MARIA))
