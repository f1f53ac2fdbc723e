"""Customers from this project's own database."""

from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.db import Error, close_old_connections

from customers.errors import DirectoryError
from customers.models import Customer
from customers.phone import normalise
from customers.records import CustomerRecord

LOOKUP_THREADS = 4


class LocalDirectory:
    """Looks up on threads of its own: asgiref's shared one would queue calls behind each other."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="customers")
        self._find = sync_to_async(find_customer, thread_sensitive=False, executor=self._threads)

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        normalised = normalise(number)
        return None if normalised is None else await self._find(normalised)


def find_customer(number: str) -> CustomerRecord | None:
    close_old_connections()
    try:
        customer = Customer.objects.prefetch_related("facts").filter(phone=number).first()
        return None if customer is None else record_of(customer)
    except Error as error:
        raise DirectoryError(
            "The customer database did not answer. Is it up, and did you run manage.py migrate?"
        ) from error
    finally:
        close_old_connections()


def record_of(customer: Customer) -> CustomerRecord:
    return CustomerRecord(
        customer_id=customer.pk,
        name=customer.name,
        language=customer.language,
        status=customer.status,
        notes=customer.notes,
        facts=tuple(fact.text for fact in customer.facts.all()),
    )
