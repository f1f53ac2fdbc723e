"""Customers in Supabase, by its own client; docs/supabase.sql makes the tables."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings

from customers.errors import DirectoryError, NoSuchThing, NotAllowed, Refused, SlotTaken
from customers.phone import normalise
from customers.records import Appointment, CustomerRecord, Holdings, TimeTaken
from customers.supabase_clients import Clients
from customers.supabase_rows import (
    AnyRow,
    AppointmentRow,
    CustomerRow,
    FactRow,
    PhoneRow,
    TimesRow,
    read,
)

# What PostgREST passes on of PostgreSQL's own error codes.
UNIQUE, FOREIGN_KEY, EXCLUSION = "23505", "23503", "23P01"

MOST_ROWS = 100
MOST_TIMES = 2_000  # two weeks of five-minute appointments
# The numbers last: until they are gone, the customer is found by them again.
THEIRS = ("customer_facts", "appointments", "customer_phones")
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
        found = await self._found(number)
        return None if found is None else await self._record(found)

    async def _found(self, number: str) -> CustomerRow | None:
        normalised = normalise(number)
        if normalised is None:
            return None
        client = await self._clients.here()
        main, further = await _both(
            _rows(
                CustomerRow, client.table("customers").select("*").eq("phone", normalised).limit(1)
            ),
            _rows(
                PhoneRow,
                client.table("customer_phones").select("*").eq("number", normalised).limit(1),
            ),
        )
        # Never somebody else's records, whatever the answer holds.
        if main and main[0].phone == normalised:
            return main[0]
        if further and further[0].number == normalised:
            asked = client.table("customers").select("*").eq("id", further[0].customer_id)
            return next(iter(await _rows(CustomerRow, asked)), None)
        return None

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
            return await self._record(await _new(CustomerRow, client, "customers", new))
        except Refused as error:
            if error.code != UNIQUE:
                raise
        # Another call was quicker.
        asked = client.table("customers").select("*").eq("phone", normalised).limit(1)
        return await self._record(_one(await _rows(CustomerRow, asked)))

    async def update_status(self, customer_id: Key, status: str) -> CustomerRecord:
        client = await self._clients.here()
        changed = client.table("customers").update({"status": status}).eq("id", customer_id)
        return await self._record(_one(await _rows(CustomerRow, changed)))

    async def facts(self, customer_id: Key) -> tuple[str, ...]:
        client = await self._clients.here()
        asked = client.table("customer_facts").select("*").eq("customer_id", customer_id)
        return tuple(row.text for row in await _rows(FactRow, asked.order("id").limit(MOST_ROWS)))

    async def add_fact(self, customer_id: Key, text: str) -> tuple[str, ...]:
        client = await self._clients.here()
        new = {"customer_id": customer_id, "text": text}
        try:
            await _new(FactRow, client, "customer_facts", new)
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
            return (await _new(AppointmentRow, client, "appointments", new)).value
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
        rows = await _rows(AppointmentRow, asked.order("starts_at").limit(MOST_ROWS))
        return tuple(row.value for row in rows)

    async def taken(
        self, calendar: str, after: datetime, before: datetime
    ) -> tuple[TimeTaken, ...]:
        client = await self._clients.here()
        asked = client.table("appointments").select("starts_at,ends_at").eq("calendar", calendar)
        asked = asked.eq("status", "booked").gt("ends_at", after.isoformat())
        asked = asked.lt("starts_at", before.isoformat()).order("starts_at").limit(MOST_TIMES)
        return tuple(TimeTaken(row.starts_at, row.ends_at) for row in await _rows(TimesRow, asked))

    async def cancel(self, customer_id: Key, appointment_id: Key) -> Appointment:
        client = await self._clients.here()
        cancelled = client.table("appointments").update({"status": "cancelled"})
        own = cancelled.eq("id", appointment_id).eq("customer_id", customer_id)
        return _one(await _rows(AppointmentRow, own)).value

    async def holdings(self, number: str) -> Holdings:
        found = await self._found(number)
        if found is None:
            return Holdings()
        client = await self._clients.here()
        theirs = [client.table(name).select("*").eq("customer_id", found.id) for name in THEIRS]
        return await _counted(found, theirs)

    async def erase(self, number: str) -> Holdings:
        found = await self._found(number)
        if found is None:
            return Holdings()
        client = await self._clients.here()
        # The customer comes last: a request that fails on the way can be made again.
        theirs = [client.table(name).delete().eq("customer_id", found.id) for name in THEIRS]
        gone = await _counted(found, theirs)
        await _rows(AnyRow, client.table("customers").delete().eq("id", found.id))
        return gone

    async def _record(self, row: CustomerRow) -> CustomerRecord:
        return row.with_facts(await self.facts(row.id))


async def _rows(kind: type[RowT], asked: Any) -> list[RowT]:
    # Imported by now: whoever asks holds a client.
    from customers.supabase_requests import send

    return read(kind, await send(asked))


async def _new(kind: type[RowT], client: Any, table: str, row: dict[str, Any]) -> RowT:
    rows = await _rows(kind, client.table(table).insert(row))
    if not rows:
        raise DirectoryError(
            "Supabase does not say what it wrote: was docs/supabase.sql run there?"
        )
    return rows[0]


async def _counted(customer: CustomerRow, theirs: list[Any]) -> Holdings:
    """`theirs` asks for the rows of each of THEIRS, to count or to delete them."""
    facts, appointments, phones = theirs
    return Holdings(
        customers=1,
        facts=len(await _rows(AnyRow, facts)),
        appointments=len(await _rows(AnyRow, appointments)),
        numbers=(customer.phone, *(row.number for row in await _rows(PhoneRow, phones))),
    )


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
