"""Customers in Supabase, by its own client; docs/supabase.sql makes the tables."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings

from customers.errors import NoSuchThing, NotAllowed, Refused, SlotTaken
from customers.phone import normalise
from customers.records import Appointment, CustomerRecord, TimeTaken
from customers.supabase_clients import Clients
from customers.supabase_rows import AppointmentRow, CustomerRow, FactRow, PhoneRow, TimesRow, read

# What PostgREST passes on of PostgreSQL's own error codes.
UNIQUE, FOREIGN_KEY, EXCLUSION = "23505", "23503", "23P01"

Key = int | str
RowT = TypeVar("RowT")
First = TypeVar("First")
Second = TypeVar("Second")


class SupabaseDirectory:
    """Implements customers.directory.CustomerDirectory."""

    def __init__(self, url: str, key: str) -> None:
        self._clients = Clients(url, key)

    def prepare(self) -> None:
        """Import and make a client, which takes 2 s and more."""
        self._clients.prepare()

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        normalised = normalise(number)
        if normalised is None:
            return None
        client = await self._clients.here()
        main, further = await _both(
            _rows(CustomerRow, client.table("customers").select("*").eq("phone", normalised)),
            _rows(PhoneRow, client.table("customer_phones").select("*").eq("number", normalised)),
        )
        if main:
            return await self._record(main[0])
        return await self._customer(further[0].customer_id) if further else None

    async def create_customer(self, number: str, name: str, language: str) -> CustomerRecord:
        normalised = normalise(number)
        if normalised is None:
            raise NotAllowed("A customer needs a number to be recognised by.")
        known = await self.find_by_phone(normalised)
        if known is not None:
            return known
        new = {"phone": normalised, "name": name, "language": language}
        client = await self._clients.here()
        try:
            rows = await _rows(CustomerRow, client.table("customers").insert(new))
        except Refused as error:
            if error.code != UNIQUE:
                raise
            asked = client.table("customers").select("*").eq("phone", normalised)
            rows = await _rows(CustomerRow, asked)  # Another call was quicker.
        return await self._record(_one(rows))

    async def update_status(self, customer_id: Key, status: str) -> CustomerRecord:
        client = await self._clients.here()
        changed = client.table("customers").update({"status": status}).eq("id", customer_id)
        return await self._record(_one(await _rows(CustomerRow, changed)))

    async def facts(self, customer_id: Key) -> tuple[str, ...]:
        client = await self._clients.here()
        asked = client.table("customer_facts").select("*").eq("customer_id", customer_id)
        return tuple(row.text for row in await _rows(FactRow, asked.order("id")))

    async def add_fact(self, customer_id: Key, text: str) -> tuple[str, ...]:
        client = await self._clients.here()
        new = {"customer_id": customer_id, "text": text}
        try:
            await _rows(FactRow, client.table("customer_facts").insert(new))
        except Refused as error:
            if error.code == FOREIGN_KEY:
                raise NoSuchThing("There is no such customer.") from error
            if error.code != UNIQUE:  # It is on record already.
                raise
        return await self.facts(customer_id)

    async def book(
        self, customer_id: Key, calendar: str, starts_at: datetime, ends_at: datetime, reason: str
    ) -> Appointment:
        client = await self._clients.here()
        times = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
        new = {"customer_id": customer_id, "calendar": calendar, "reason": reason, **times}
        try:
            return _one(await _rows(AppointmentRow, client.table("appointments").insert(new))).value
        except Refused as error:
            if error.code == FOREIGN_KEY:
                raise NoSuchThing("There is no such customer.") from error
            if error.code != EXCLUSION:
                raise
        own = client.table("appointments").select("*").eq("customer_id", customer_id)
        own = own.eq("calendar", calendar).eq("status", "booked")
        rows = await _rows(AppointmentRow, own.eq("starts_at", starts_at.isoformat()))
        if not rows:
            raise SlotTaken("That time is given away.")
        return rows[0].value

    async def appointments(self, customer_id: Key, after: datetime) -> tuple[Appointment, ...]:
        client = await self._clients.here()
        asked = client.table("appointments").select("*").eq("customer_id", customer_id)
        asked = asked.eq("status", "booked").gt("ends_at", after.isoformat())
        rows = await _rows(AppointmentRow, asked.order("starts_at"))
        return tuple(row.value for row in rows)

    async def taken(
        self, calendar: str, after: datetime, before: datetime
    ) -> tuple[TimeTaken, ...]:
        client = await self._clients.here()
        asked = client.table("appointments").select("starts_at,ends_at").eq("calendar", calendar)
        asked = asked.eq("status", "booked").gt("ends_at", after.isoformat())
        asked = asked.lt("starts_at", before.isoformat()).order("starts_at")
        return tuple(TimeTaken(row.starts_at, row.ends_at) for row in await _rows(TimesRow, asked))

    async def cancel(self, customer_id: Key, appointment_id: Key) -> Appointment:
        client = await self._clients.here()
        cancelled = client.table("appointments").update({"status": "cancelled"})
        own = cancelled.eq("id", appointment_id).eq("customer_id", customer_id)
        return _one(await _rows(AppointmentRow, own)).value

    async def _customer(self, customer_id: Key) -> CustomerRecord | None:
        client = await self._clients.here()
        asked = client.table("customers").select("*").eq("id", customer_id)
        rows = await _rows(CustomerRow, asked)
        return await self._record(rows[0]) if rows else None

    async def _record(self, row: CustomerRow) -> CustomerRecord:
        return row.with_facts(await self.facts(row.id))


async def _rows(kind: type[RowT], asked: Any) -> list[RowT]:
    # Imported by now: whoever asks holds a client.
    from customers.supabase_requests import send

    return read(kind, await send(asked))


async def _both(
    one: Coroutine[Any, Any, First], other: Coroutine[Any, Any, Second]
) -> tuple[First, Second]:
    """Side by side. Where one fails, the other is given up."""
    try:
        async with asyncio.TaskGroup() as asked:
            first, second = asked.create_task(one), asked.create_task(other)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return first.result(), second.result()


def _one(rows: list[RowT]) -> RowT:
    if not rows:
        raise NoSuchThing("Supabase has no such row of this customer.")
    return rows[0]


def make() -> SupabaseDirectory:
    return SupabaseDirectory(settings.SUPABASE_URL, settings.SUPABASE_KEY)
