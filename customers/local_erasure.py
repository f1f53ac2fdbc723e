"""What there is of one customer in the local database, and how all of it goes.

Raises django.db.Error when the database does not answer.
"""

from django.db import transaction

from customers.models import Customer
from customers.phone import normalise
from customers.records import Holdings


def holdings(number: str) -> Holdings:
    customer = _of_number(number)
    return Holdings() if customer is None else _of(customer)


@transaction.atomic
def erase(number: str) -> Holdings:
    customer = _of_number(number)
    if customer is None:
        return Holdings()
    theirs = _of(customer)
    customer.delete()
    return theirs


def _of_number(number: str) -> Customer | None:
    normalised = normalise(number)
    if normalised is None:
        return None
    return (
        Customer.objects.filter(phone=normalised).first()
        or Customer.objects.filter(more_phones__number=normalised).first()
    )


def _of(customer: Customer) -> Holdings:
    further = customer.more_phones.values_list("number", flat=True)
    return Holdings(
        customers=1,
        numbers=(customer.phone, *further),
        facts=customer.facts.count(),
        appointments=customer.appointments.count(),
    )
