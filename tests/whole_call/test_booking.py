"""Appointments made and cancelled by voice, and a message sent: on the wire, and in the rows."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from customers.models import Appointment, Customer
from rehearsal.caller import CallReport, HangUp, Speak, WaitForAgent
from tests.whole_call.desk import at_the_desk
from tests.whole_call.own_words import OwnWords
from tests.whole_call.rig import KNOWN_NAME, KNOWN_NUMBER, Rig

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = WaitForAgent("finished")
BOOK = "I would like to book an appointment for tomorrow at three pm."
CANCEL = "Please cancel my appointment."
ANNAS_NUMBER, ANNA = "+12025550144", "Anna Silva"
WHATSAPP_SENDER = "+14155238886"


@pytest.fixture
def words(rig: Rig) -> Iterator[OwnWords]:
    rig.edit_agent(tools_at_start="full", tools_later="full")
    words = OwnWords(rig.providers)
    yield words
    words.forget()


def tomorrow_at_three(rig: Rig) -> datetime:
    now = datetime.now(ZoneInfo(rig.agent.time_zone))
    return (now + timedelta(days=1)).replace(hour=15, minute=0, second=0, microsecond=0)


def rows() -> list[tuple[str, datetime, str]]:
    """Of every appointment: whose, when, and its status."""
    found = Appointment.objects.order_by("starts_at").values_list(
        "customer__name", "starts_at", "status"
    )
    return at_the_desk(lambda: list(found))


def customers() -> dict[str, str]:
    return at_the_desk(lambda: dict(Customer.objects.values_list("phone", "name")))


async def call(rig: Rig, *said: Speak, from_number: str) -> tuple[CallReport, dict[str, Any]]:
    """A caller who says one thing after the other, and hears each answer to its end."""
    steps = [step for line in said for step in (line, ANSWER)]
    report = await rig.call(ANSWER, *steps, HangUp(), from_number=from_number)
    assert report.ok, report.failures
    return report, rig.record(report.call_sid)


def answers(record: dict[str, Any]) -> list[str]:
    """What the agent said after the greeting."""
    return [line["text"] for line in record["transcript"] if line["speaker"] == "agent"][1:]


def runs(record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(run["name"], run["outcome"]) for run in record["tool_runs"]]


async def test_an_appointment_made_by_voice_is_one_row_however_often_it_is_asked_for(
    rig: Rig, words: OwnWords
) -> None:
    _report, record = await call(rig, words.say(BOOK), words.say(BOOK), from_number=KNOWN_NUMBER)
    booked, again = answers(record)
    assert "is booked" in booked and "15:00" in booked
    assert "already" in again
    assert runs(record) == [("book_appointment", "ok")] * 2
    assert record["tool_runs"][0]["arguments"] == {"date": "tomorrow", "time": "3 pm"}

    _report, second = await call(rig, words.say(BOOK), from_number=KNOWN_NUMBER)
    assert "already" in answers(second)[0]

    assert rows() == [(KNOWN_NAME, tomorrow_at_three(rig), "booked")]
    assert KNOWN_NAME in at_the_desk(appointments_page)


def appointments_page() -> str:
    """As a superuser sees it."""
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    page = client.get("/admin/customers/appointment/")
    assert page.status_code == 200
    return page.content.decode()


async def test_an_appointment_is_cancelled_by_voice(rig: Rig, words: OwnWords) -> None:
    _report, record = await call(
        rig, words.say(BOOK), words.say(CANCEL), words.say(BOOK), from_number=KNOWN_NUMBER
    )
    booked, cancelled, again = answers(record)
    assert "is cancelled" in cancelled and "15:00" in cancelled
    assert "is booked" in booked and "is booked" in again
    assert sorted(status for _name, _at, status in rows()) == ["booked", "cancelled"]


async def test_a_new_caller_is_asked_for_the_name_and_booked_under_it(
    rig: Rig, words: OwnWords
) -> None:
    _report, record = await call(
        rig, words.say(BOOK), words.say(f"My name is {ANNA}."), from_number=ANNAS_NUMBER
    )
    asked, done = answers(record)
    assert "name" in asked
    assert ANNA in done and "is booked" in done
    assert runs(record) == [
        ("book_appointment", "refused"),
        ("create_customer", "ok"),
        ("book_appointment", "ok"),
    ]
    assert customers()[ANNAS_NUMBER] == record["customer"] == ANNA
    assert rows() == [(ANNA, tomorrow_at_three(rig), "booked")]


async def test_of_two_callers_who_want_one_slot_at_once_one_gets_it_and_the_other_is_told(
    rig: Rig, words: OwnWords
) -> None:
    at_the_desk(lambda: Customer.objects.create(name=ANNA, phone=ANNAS_NUMBER))
    line, yes = words.say(BOOK), Speak("yes")  # which takes what was offered, if anything was
    calls = await asyncio.gather(
        call(rig, line, yes, from_number=KNOWN_NUMBER),
        call(rig, line, yes, from_number=ANNAS_NUMBER),
    )
    outcomes = {record["customer"]: runs(record)[0][1] for _report, record in calls}
    assert sorted(outcomes.values()) == ["ok", "refused"]
    (winner,) = [name for name, outcome in outcomes.items() if outcome == "ok"]
    (loser,) = [name for name, outcome in outcomes.items() if outcome == "refused"]
    (told, booked) = next(answers(it) for _report, it in calls if it["customer"] == loser)
    assert "is taken" in told and "could offer" in told
    assert "is booked" in booked

    wanted = tomorrow_at_three(rig)
    taken = {name: starts_at for name, starts_at, _status in rows()}
    assert taken[winner] == wanted and taken[loser] != wanted and len(rows()) == 2


async def test_what_was_said_is_sent_on_whatsapp(
    rig: Rig, words: OwnWords, settings: Settings
) -> None:
    settings.TWILIO_WHATSAPP_FROM = WHATSAPP_SENDER
    _report, record = await call(
        rig,
        Speak("ask-hours"),
        words.say("Can you send me that on WhatsApp?"),
        from_number=ANNAS_NUMBER,
    )
    hours, sent = answers(record)
    assert "WhatsApp" in sent
    (message,) = rig.providers.backstage.messages
    assert message.to == f"whatsapp:{ANNAS_NUMBER}"
    assert message.sender == f"whatsapp:{WHATSAPP_SENDER}"
    assert message.text == hours


async def test_a_caller_who_hides_the_number_is_refused_kindly(rig: Rig, words: OwnWords) -> None:
    _report, record = await call(rig, words.say(BOOK), from_number="anonymous")
    assert "withheld" in answers(record)[0]
    assert runs(record) == [("book_appointment", "refused")]
    assert rows() == []
