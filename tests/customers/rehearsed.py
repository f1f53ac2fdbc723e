"""Supabase's stand-in of a rehearsal as storage: what the contract finds true must be so there."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from customers.supabase import SupabaseDirectory
from tests.customers.directories import Key, Storage

KEY = "offline-key"


@contextmanager
def rehearsed_storage(url: str) -> Iterator[Storage]:
    """`url` is that of running offline providers, whose tables are emptied."""
    key = {"apikey": KEY, "Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=url, headers=key, trust_env=False) as http:

        def add_number(customer_id: Key, number: str) -> None:
            row = {"customer_id": customer_id, "number": number}
            http.post("/rest/v1/customer_phones", json=row).raise_for_status()

        def statuses() -> list[str]:
            asked = {"select": "status", "order": "starts_at,id"}
            found = http.get("/rest/v1/appointments", params=asked).raise_for_status()
            return [row["status"] for row in found.json()]

        http.post("/rehearsal/reset").raise_for_status()
        yield Storage(SupabaseDirectory(url, KEY), add_number, statuses)
