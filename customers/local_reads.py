"""What the local database knows, as plain values. Raises django.db.Error when it is away."""

from datetime import datetime

from customers.models import Appointment as AppointmentRow
from customers.models import Customer, CustomerFact
from customers.records import Appointment, CustomerRecord, TimeTaken


def find_customer(number: str) -> CustomerRecord | None:
    """`number` is E.164: the main one of a customer, or a further one."""
    customers = Customer.objects.prefetch_related("facts")
    customer = (
        customers.filter(phone=number).first()
        or customers.filter(more_phones__number=number).first()
    )
    return None if customer is None else record_of(customer)


def record_of(customer: Customer) -> CustomerRecord:
    return CustomerRecord(
        customer_id=customer.pk,
        name=customer.name,
        language=customer.language,
        status=str(customer.status),
        notes=customer.notes,
        facts=tuple(fact.text for fact in customer.facts.all()),
    )


def customer_facts(customer_id: int | str) -> tuple[str, ...]:
    facts = CustomerFact.objects.filter(customer_id=customer_id)
    return tuple(facts.values_list("text", flat=True))


def upcoming_appointments(customer_id: int | str, after: datetime) -> tuple[Appointment, ...]:
    return tuple(
        appointment_of(row)
        for row in AppointmentRow.objects.filter(
            customer_id=customer_id, status=AppointmentRow.Status.BOOKED, ends_at__gt=after
        )
    )


def taken_times(calendar: str, after: datetime, before: datetime) -> tuple[TimeTaken, ...]:
    rows = AppointmentRow.objects.filter(
        calendar=calendar,
        status=AppointmentRow.Status.BOOKED,
        starts_at__lt=before,
        ends_at__gt=after,
    )
    return tuple(TimeTaken(*times) for times in rows.values_list("starts_at", "ends_at"))


def appointment_of(row: AppointmentRow) -> Appointment:
    return Appointment(
        appointment_id=row.pk,
        customer_id=row.customer_id,
        calendar=row.calendar,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
    )
