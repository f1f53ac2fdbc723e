"""Appointments in the admin: the next one first, and no time given away twice."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from customers.admin import slot_forms
from customers.models import Appointment, Customer
from staff.models import AuditEntry
from tests.customers.admin_forms import (
    APPOINTMENTS,
    CUSTOMERS,
    SLOTS,
    customer_form,
    lines,
    moment,
    slot,
)

ADD = f"{SLOTS}add/"
GIVEN_AWAY = "This time is given away already"


def booked(customer: Customer, starts_at: datetime, minutes: int = 30, **more: Any) -> Appointment:
    ends_at = starts_at + timedelta(minutes=minutes)
    return customer.appointments.create(starts_at=starts_at, ends_at=ends_at, **more)


def page_of(customer: Customer) -> str:
    return f"{CUSTOMERS}{customer.pk}/change/"


def beside(*rows: Appointment, **change: object) -> list[dict[str, object]]:
    """Lines of rows that are there; the change is to the first."""
    sent = [{"id": row.pk, **slot(row.starts_at, row.ends_at)} for row in rows]
    sent[0] |= change
    return sent


def test_it_books_by_hand(alice: Client, ana: Customer) -> None:
    sent = slot(moment(10), moment(10, 30), customer=ana.pk, reason="Check-up")
    assert alice.post(ADD, sent).status_code == 302
    appointment = Appointment.objects.get()
    assert (appointment.customer, appointment.starts_at) == (ana, moment(10))


def test_a_time_that_is_taken_is_a_sentence_with_the_time_of_the_other(
    alice: Client, ana: Customer, bea: Customer
) -> None:
    booked(bea, moment(10))
    response = alice.post(ADD, slot(moment(10, 29), moment(11), customer=ana.pk))
    page = response.content.decode()
    assert response.status_code == 200
    assert GIVEN_AWAY in page
    assert "there is an appointment on Tue 1 Dec 2026, 10:00 – 10:30." in page
    assert not ana.appointments.exists()


def test_what_the_form_tried_leaves_no_trace_in_the_audit_log(
    alice: Client, ana: Customer, bea: Customer
) -> None:
    booked(bea, moment(10))
    before = AuditEntry.objects.count()
    alice.post(ADD, slot(moment(10), moment(11), customer=ana.pk))
    assert AuditEntry.objects.count() == before
    alice.post(ADD, slot(moment(11), moment(12), customer=ana.pk))
    assert AuditEntry.objects.count() == before + 1


@pytest.mark.parametrize(
    "free", [(9, 30, 10, 0), (10, 30, 11, 0)], ids=["right before", "right after"]
)
def test_back_to_back_is_no_overlap(
    alice: Client, ana: Customer, bea: Customer, free: tuple[int, int, int, int]
) -> None:
    booked(bea, moment(10))
    sent = slot(moment(*free[:2]), moment(*free[2:]), customer=ana.pk)
    assert alice.post(ADD, sent).status_code == 302


def test_it_ends_after_it_begins(alice: Client, ana: Customer) -> None:
    response = alice.post(ADD, slot(moment(10), moment(10), customer=ana.pk))
    assert "It has to end after it begins." in response.content.decode()


def test_an_appointment_is_moved_within_its_own_time(alice: Client, ana: Customer) -> None:
    row = booked(ana, moment(10))
    sent = slot(moment(10, 15), moment(10, 45))
    assert alice.post(f"{SLOTS}{row.pk}/change/", sent).status_code == 302
    row.refresh_from_db()
    assert row.starts_at == moment(10, 15)


def test_a_cancelled_one_cannot_come_back_onto_a_time_that_was_given_away(
    alice: Client, ana: Customer, bea: Customer
) -> None:
    row = booked(ana, moment(10), status="cancelled")
    booked(bea, moment(10))
    response = alice.post(f"{SLOTS}{row.pk}/change/", slot(moment(10), moment(10, 30)))
    assert GIVEN_AWAY in response.content.decode()
    row.refresh_from_db()
    assert row.status == "cancelled"


def test_an_appointment_stays_its_customers(alice: Client, ana: Customer, bea: Customer) -> None:
    row = booked(ana, moment(10))
    sent = slot(moment(11), moment(12), customer=bea.pk)
    assert alice.post(f"{SLOTS}{row.pk}/change/", sent).status_code == 302
    row.refresh_from_db()
    assert row.customer == ana


def test_a_call_that_books_between_the_check_and_the_saving_is_a_sentence_too(
    alice: Client, ana: Customer, bea: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first check sees nothing of it, as if it came after; the database refuses."""
    booked(bea, moment(10))
    really = slot_forms._say_what_is_refused
    checked: list[Any] = []

    def blind_at_first(form: Any) -> None:
        checked.append(form)
        if len(checked) > 1:
            really(form)

    monkeypatch.setattr(slot_forms, "_say_what_is_refused", blind_at_first)
    response = alice.post(ADD, slot(moment(10), moment(10, 30), customer=ana.pk))
    assert response.status_code == 200
    assert GIVEN_AWAY in response.content.decode()
    assert len(checked) == 2
    assert not ana.appointments.exists()


def test_it_books_and_moves_beside_the_customer(alice: Client, ana: Customer) -> None:
    row = booked(ana, moment(10))
    kept = beside(row, **slot(moment(12), moment(13)))
    new = [slot(moment(10), moment(10, 30), reason="Check-up")]
    response = alice.post(page_of(ana), customer_form(ana, **lines(APPOINTMENTS, new, kept)))
    assert response.status_code == 302
    found = [(row.starts_at, row.reason) for row in ana.appointments.all()]
    assert found == [(moment(10), "Check-up"), (moment(12), "")]


def test_two_new_ones_beside_the_customer_may_not_overlap_each_other(
    alice: Client, ana: Customer
) -> None:
    new = [slot(moment(10), moment(11)), slot(moment(10, 30), moment(11, 30))]
    response = alice.post(page_of(ana), customer_form(ana, **lines(APPOINTMENTS, new)))
    assert response.status_code == 200
    assert response.content.decode().count(GIVEN_AWAY) == 1
    assert not ana.appointments.exists()


def test_beside_the_customer_a_time_somebody_else_has_is_refused(
    alice: Client, ana: Customer, bea: Customer
) -> None:
    booked(bea, moment(10))
    row = booked(ana, moment(12))
    kept = beside(row, **slot(moment(10), moment(11)))
    response = alice.post(page_of(ana), customer_form(ana, **lines(APPOINTMENTS, kept=kept)))
    assert GIVEN_AWAY in response.content.decode()
    row.refresh_from_db()
    assert row.starts_at == moment(12)


def test_the_next_appointment_stands_first_and_what_is_past_comes_last(
    alice: Client, ana: Customer
) -> None:
    today = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    for days, reason in ((-9, "long ago"), (9, "later"), (-2, "lately"), (2, "soon")):
        booked(ana, today + timedelta(days=days), reason=reason)
    page = alice.get(SLOTS).content.decode()
    told = re.findall(r"long ago|later|lately|soon", page)
    assert told == ["soon", "later", "lately", "long ago"]


def test_the_list_is_narrowed_by_calendar_status_and_day(alice: Client, ana: Customer) -> None:
    booked(ana, moment(10), reason="the first")
    booked(ana, moment(10), reason="the second", calendar="x-ray")
    booked(ana, moment(10, day=2), reason="the third", status="cancelled")

    def told(**narrowed: object) -> list[str]:
        page = alice.get(SLOTS, narrowed).content.decode()
        return sorted(re.findall("the (?:first|second|third)", page))

    assert told(calendar="x-ray") == ["the second"]
    assert told(status__exact="cancelled") == ["the third"]
    assert told(starts_at__year=2026, starts_at__month=12, starts_at__day=2) == ["the third"]
    assert told(q="Ana") == ["the first", "the second", "the third"]


def test_it_cancels_several_at_once_and_each_is_written_down(alice: Client, ana: Customer) -> None:
    rows = [booked(ana, moment(hour)) for hour in (9, 10)]
    booked(ana, moment(11))
    asked = {"action": "cancel", "_selected_action": [row.pk for row in rows], "index": 0}
    page = alice.post(SLOTS, asked, follow=True).content.decode()
    assert "2 appointments are cancelled." in page
    assert [row.status for row in ana.appointments.all()] == ["cancelled", "cancelled", "booked"]
    changes = [
        entry.changes
        for entry in AuditEntry.objects.filter(
            action=AuditEntry.Action.UPDATE, content_type__model="appointment"
        )
    ]
    assert changes == [{"status": ["booked", "cancelled"]}] * 2


def test_staff_read_and_enter_times_in_the_zone_of_the_installation(
    alice: Client, ana: Customer, settings: Any
) -> None:
    settings.TIME_ZONE = "Europe/Lisbon"
    summer = datetime(2027, 7, 1, 10, 0, tzinfo=ZoneInfo("Europe/Lisbon"))
    sent = slot(summer, summer + timedelta(minutes=30), customer=ana.pk)
    assert alice.post(ADD, sent).status_code == 302
    assert Appointment.objects.get().starts_at == datetime(2027, 7, 1, 9, 0, tzinfo=UTC)
    assert "Thu 1 Jul 2027, 10:00 – 10:30" in alice.get(SLOTS).content.decode()
