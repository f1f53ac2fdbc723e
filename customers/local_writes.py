"""What calls note in the local database. Two calls may do the same at once: the database decides.

Raises django.db.Error when it does not answer, ValidationError for what does not fit a
column (SQLite alone would take it), and what customers/errors.py names.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from customers.errors import NoSuchThing, NotAllowed, SlotTaken
from customers.local_reads import appointment_of, customer_facts, find_customer, record_of
from customers.models import Appointment as AppointmentRow
from customers.models import Customer, CustomerFact
from customers.no_double_booking import SAYS
from customers.phone import normalise
from customers.records import Appointment, CustomerRecord


def create_customer(number: str, name: str, language: str) -> CustomerRecord:
    normalised = normalise(number)
    if normalised is None:
        raise NotAllowed("A customer needs a number to be recognised by.")
    known = find_customer(normalised)
    if known is not None:
        return known
    customer = Customer(phone=normalised, name=name, language=language)
    customer.clean_fields()
    try:
        with transaction.atomic():
            customer.save(force_insert=True)
    except IntegrityError:  # Another call was quicker.
        customer = Customer.objects.get(phone=normalised)
    return record_of(customer)


def update_status(customer_id: int | str, status: str) -> CustomerRecord:
    if status not in Customer.Status.values:
        raise NotAllowed(f"A status is one of {', '.join(Customer.Status.values)}.")
    customer = _customer(customer_id)
    customer.status = status
    customer.save(update_fields=["status"])
    return record_of(customer)


def add_fact(customer_id: int | str, text: str) -> tuple[str, ...]:
    customer = _customer(customer_id)
    CustomerFact(text=text).clean_fields(exclude=["customer"])
    CustomerFact.objects.get_or_create(customer=customer, text=text)
    return customer_facts(customer_id)


def book(
    customer_id: int | str, calendar: str, starts_at: datetime, ends_at: datetime, reason: str
) -> Appointment:
    if ends_at <= starts_at:
        raise NotAllowed("An appointment ends after it begins.")
    customer = _customer(customer_id)
    row = AppointmentRow(calendar=calendar, starts_at=starts_at, ends_at=ends_at, reason=reason)
    row.clean_fields(exclude=["customer"])
    row.customer = customer
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if SAYS not in str(error):
            raise
        own = AppointmentRow.objects.filter(
            customer=customer,
            calendar=calendar,
            starts_at=starts_at,
            status=AppointmentRow.Status.BOOKED,
        ).first()
        if own is None:
            raise SlotTaken("That time is given away.") from error
        row = own
    return appointment_of(row)


def cancel(customer_id: int | str, appointment_id: int | str) -> Appointment:
    row = AppointmentRow.objects.filter(pk=appointment_id, customer_id=customer_id).first()
    if row is None:
        raise NoSuchThing("This customer has no such appointment.")
    if row.status != AppointmentRow.Status.CANCELLED:
        row.status = AppointmentRow.Status.CANCELLED
        row.save(update_fields=["status"])
    return appointment_of(row)


def _customer(customer_id: int | str) -> Customer:
    customer = Customer.objects.prefetch_related("facts").filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchThing("There is no such customer.")
    return customer
