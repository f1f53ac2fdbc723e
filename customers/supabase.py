"""Customers in Supabase, through its own client; docs/supabase.sql makes the tables."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import Any, TypeVar

import httpx
from django.conf import settings
from postgrest import APIError
from pydantic import ValidationError
from supabase import AsyncClient, AsyncClientOptions, create_async_client

from customers.errors import DirectoryError, NoSuchThing, NotAllowed, SlotTaken
from customers.phone import normalise
from customers.records import Appointment, CustomerRecord, TimeTaken
from customers.supabase_rows import AppointmentRow, CustomerRow, FactRow, PhoneRow, TimesRow, read

TIMEOUT_SECONDS = 4.0  # of one request; whoever asks has a deadline of its own
# What PostgREST passes on of PostgreSQL's own error codes.
UNIQUE, FOREIGN_KEY, CHECK, EXCLUSION = "23505", "23503", "23514", "23P01"

CHECK_SETTINGS = "Supabase cannot be used: check SUPABASE_URL and SUPABASE_KEY."
Key = int | str
RowT = TypeVar("RowT")


class SupabaseDirectory:
    """Implements customers.directory.CustomerDirectory."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        # Its connections belong to the event loop that opened them.
        self._clients: dict[asyncio.AbstractEventLoop, AsyncClient] = {}
        self._spare: AsyncClient | None = None

    def prepare(self) -> None:
        """At warm-up: the first client of a process takes 300 ms to make, the next ones 40 ms."""
        self._spare = _new_client(self._url, self._key)

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        normalised = normalise(number)
        if normalised is None:
            return None
        client = await self._client()
        main, further = await asyncio.gather(
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
        client = await self._client()
        try:
            rows = await _rows(CustomerRow, client.table("customers").insert(new))
        except _Refused as error:
            if error.code != UNIQUE:
                raise NotAllowed("Supabase does not take this customer.") from error
            rows = await _rows(
                CustomerRow, client.table("customers").select("*").eq("phone", normalised)
            )
        return await self._record(_one(rows))

    async def update_status(self, customer_id: Key, status: str) -> CustomerRecord:
        client = await self._client()
        changed = client.table("customers").update({"status": status}).eq("id", customer_id)
        try:
            return await self._record(_one(await _rows(CustomerRow, changed)))
        except _Refused as error:
            raise NotAllowed("Supabase does not know this status.") from error

    async def facts(self, customer_id: Key) -> tuple[str, ...]:
        client = await self._client()
        asked = client.table("customer_facts").select("*").eq("customer_id", customer_id)
        return tuple(row.text for row in await _rows(FactRow, asked.order("id")))

    async def add_fact(self, customer_id: Key, text: str) -> tuple[str, ...]:
        client = await self._client()
        new = {"customer_id": customer_id, "text": text}
        try:
            await _rows(FactRow, client.table("customer_facts").insert(new))
        except _Refused as error:
            if error.code == FOREIGN_KEY:
                raise NoSuchThing("There is no such customer.") from error
            if error.code != UNIQUE:  # It is on record already.
                raise NotAllowed("Supabase does not take this fact.") from error
        return await self.facts(customer_id)

    async def book(
        self, customer_id: Key, calendar: str, starts_at: datetime, ends_at: datetime, reason: str
    ) -> Appointment:
        client = await self._client()
        times = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
        new = {"customer_id": customer_id, "calendar": calendar, "reason": reason, **times}
        try:
            return _one(await _rows(AppointmentRow, client.table("appointments").insert(new))).value
        except _Refused as error:
            if error.code == FOREIGN_KEY:
                raise NoSuchThing("There is no such customer.") from error
            if error.code != EXCLUSION:
                raise NotAllowed("Supabase does not take this appointment.") from error
        own = client.table("appointments").select("*").eq("customer_id", customer_id)
        own = own.eq("calendar", calendar).eq("status", "booked")
        rows = await _rows(AppointmentRow, own.eq("starts_at", starts_at.isoformat()))
        if not rows:
            raise SlotTaken("That time is given away.")
        return rows[0].value

    async def appointments(self, customer_id: Key, after: datetime) -> tuple[Appointment, ...]:
        client = await self._client()
        asked = client.table("appointments").select("*").eq("customer_id", customer_id)
        asked = asked.eq("status", "booked").gt("ends_at", after.isoformat())
        rows = await _rows(AppointmentRow, asked.order("starts_at"))
        return tuple(row.value for row in rows)

    async def taken(
        self, calendar: str, after: datetime, before: datetime
    ) -> tuple[TimeTaken, ...]:
        client = await self._client()
        asked = client.table("appointments").select("starts_at,ends_at").eq("calendar", calendar)
        asked = asked.eq("status", "booked").gt("ends_at", after.isoformat())
        asked = asked.lt("starts_at", before.isoformat()).order("starts_at")
        return tuple(TimeTaken(row.starts_at, row.ends_at) for row in await _rows(TimesRow, asked))

    async def cancel(self, customer_id: Key, appointment_id: Key) -> Appointment:
        client = await self._client()
        cancelled = client.table("appointments").update({"status": "cancelled"})
        own = cancelled.eq("id", appointment_id).eq("customer_id", customer_id)
        return _one(await _rows(AppointmentRow, own)).value

    async def _customer(self, customer_id: Key) -> CustomerRecord | None:
        client = await self._client()
        asked = client.table("customers").select("*").eq("id", customer_id)
        rows = await _rows(CustomerRow, asked)
        return await self._record(rows[0]) if rows else None

    async def _record(self, row: CustomerRow) -> CustomerRecord:
        return row.with_facts(await self.facts(row.id))

    async def _client(self) -> AsyncClient:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            made, self._spare = self._spare, None
            if made is None:
                made = await asyncio.to_thread(_new_client, self._url, self._key)
            for ended in [one for one in self._clients if one.is_closed()]:
                del self._clients[ended]
            self._clients.setdefault(loop, made)
        return self._clients[loop]


def _new_client(url: str, key: str) -> AsyncClient:
    """Unconnected, so it can be made in any thread."""
    if not (url.isascii() and key.isascii()):  # A quotation mark that was pasted with it.
        raise DirectoryError(CHECK_SETTINGS)
    # No retries: a caller who waits is told sooner that it did not work.
    options = AsyncClientOptions(
        auto_refresh_token=False,
        persist_session=False,
        postgrest_client_retry=False,
        postgrest_client_timeout=TIMEOUT_SECONDS,
        httpx_client=httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False),
    )
    try:
        return asyncio.run(create_async_client(url, key, options))
    except Exception as error:  # Its own exception for a malformed address or key is not exported.
        raise DirectoryError(CHECK_SETTINGS) from error


class _Refused(Exception):
    """PostgreSQL refused to write it; `code` is its SQLSTATE."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def _rows(kind: type[RowT], asked: Any) -> list[RowT]:
    """Send it and read the rows. Raises _Refused and DirectoryError, whose text names nobody."""
    sent: Awaitable[Any] = asked.execute()
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            answer = await sent
    except APIError as error:
        if error.code in {None, "401", "403", "PGRST301", "PGRST302"}:
            raise DirectoryError(CHECK_SETTINGS) from None
        if error.code in {UNIQUE, FOREIGN_KEY, CHECK, EXCLUSION}:
            raise _Refused(error.code) from None
        raise DirectoryError(
            f"Supabase answered with the error {error.code}: was docs/supabase.sql run there?"
        ) from None
    except (httpx.HTTPError, OSError, TimeoutError) as error:
        raise DirectoryError(f"Supabase did not answer ({type(error).__name__}).") from None
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        raise DirectoryError(f"Supabase's answer is no JSON ({type(error).__name__}).") from None
    return read(kind, answer.data)


def _one(rows: list[RowT]) -> RowT:
    if not rows:
        raise NoSuchThing("Supabase has no such row of this customer.")
    return rows[0]


def make() -> SupabaseDirectory:
    return SupabaseDirectory(settings.SUPABASE_URL, settings.SUPABASE_KEY)
