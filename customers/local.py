"""Customers from this project's own database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.core.exceptions import ValidationError
from django.db import DataError, Error, close_old_connections

from customers import local_erasure, local_writes
from customers.errors import DirectoryError, NotAllowed
from customers.local_reads import (
    customer_facts,
    find_customer,
    record_of,
    taken_times,
    upcoming_appointments,
)
from customers.phone import normalise
from customers.records import Appointment, CustomerRecord, Holdings, TimeTaken

__all__ = ["LocalDirectory", "find_customer", "record_of"]

LOOKUP_THREADS = 4
Given = ParamSpec("Given")
Answer = TypeVar("Answer")
Key = int | str


class LocalDirectory:
    """Implements customers.directory.CustomerDirectory.

    Asks on threads of its own: asgiref's shared one would queue calls behind each other.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="customers")

    def prepare(self) -> None:
        """Nothing is slow the first time."""

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        normalised = normalise(number)
        return None if normalised is None else await self._ask(find_customer, normalised)

    async def create_customer(self, number: str, name: str, language: str) -> CustomerRecord:
        return await self._ask(local_writes.create_customer, number, name, language)

    async def update_status(self, customer_id: Key, status: str) -> CustomerRecord:
        return await self._ask(local_writes.update_status, customer_id, status)

    async def facts(self, customer_id: Key) -> tuple[str, ...]:
        return await self._ask(customer_facts, customer_id)

    async def add_fact(self, customer_id: Key, text: str) -> tuple[str, ...]:
        return await self._ask(local_writes.add_fact, customer_id, text)

    async def book(
        self, customer_id: Key, calendar: str, starts_at: datetime, ends_at: datetime, reason: str
    ) -> Appointment:
        return await self._ask(local_writes.book, customer_id, calendar, starts_at, ends_at, reason)

    async def appointments(self, customer_id: Key, after: datetime) -> tuple[Appointment, ...]:
        return await self._ask(upcoming_appointments, customer_id, after)

    async def taken(
        self, calendar: str, after: datetime, before: datetime
    ) -> tuple[TimeTaken, ...]:
        return await self._ask(taken_times, calendar, after, before)

    async def cancel(self, customer_id: Key, appointment_id: Key) -> Appointment:
        return await self._ask(local_writes.cancel, customer_id, appointment_id)

    async def holdings(self, number: str) -> Holdings:
        return await self._ask(local_erasure.holdings, number)

    async def erase(self, number: str) -> Holdings:
        return await self._ask(local_erasure.erase, number)

    async def _ask(
        self, work: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs
    ) -> Answer:
        def in_a_thread() -> Answer:
            close_old_connections()
            try:
                return work(*args, **kwargs)
            # The id of another directory, for one, or a name that is longer than its column.
            except (TypeError, ValueError, DataError, ValidationError) as error:
                raise NotAllowed("The local database cannot hold such a value.") from error
            except Error as error:
                raise DirectoryError(
                    "The customer database did not answer. Is it up, and did you run "
                    "manage.py migrate?"
                ) from error
            finally:
                close_old_connections()

        asked: Any = sync_to_async(in_a_thread, thread_sensitive=False, executor=self._threads)
        answer: Answer = await asked()
        return answer
