"""Both directories, each over storage of its own, with what staff would do in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from django.db import connections

from customers.directory import CustomerDirectory
from customers.local import LocalDirectory
from customers.models import Customer
from customers.supabase import SupabaseDirectory
from tests.customers.postgrest import SERVICE_KEY

Key = int | str


@dataclass(frozen=True)
class Storage:
    directory: CustomerDirectory
    add_number: Callable[[Key, str], None]  # a further number of a customer
    statuses: Callable[[], list[str]]  # of all appointments, in the order of their times


@contextmanager
def local_storage() -> Iterator[Storage]:
    """In the database of the test, which has to be one that commits."""

    def add_number(customer_id: Key, number: str) -> None:
        Customer.objects.get(pk=customer_id).more_phones.create(number=number)

    def statuses() -> list[str]:
        with connections["default"].cursor() as cursor:
            cursor.execute("select status from customers_appointment order by starts_at, id")
            return [row[0] for row in cursor.fetchall()]

    yield Storage(LocalDirectory(), add_number, statuses)


@contextmanager
def supabase_storage(url: str, database: str) -> Iterator[Storage]:
    with psycopg.connect(database, autocommit=True) as connection:

        def add_number(customer_id: Key, number: str) -> None:
            connection.execute(
                "insert into customer_phones (customer_id, number) values (%s, %s)",
                (customer_id, number),
            )

        def statuses() -> list[str]:
            found = connection.execute("select status from appointments order by starts_at, id")
            return [row[0] for row in found.fetchall()]

        yield Storage(SupabaseDirectory(url, SERVICE_KEY), add_number, statuses)
