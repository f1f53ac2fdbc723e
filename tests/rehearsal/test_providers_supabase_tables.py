"""The tables of docs/supabase.sql, which the stand-in has of itself and whose rules it keeps."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from postgrest.exceptions import APIError
from supabase import AsyncClient, acreate_client

from rehearsal.providers.server import RunningProviders
from rehearsal.providers.table_rules import RULES
from tests.rehearsal.providers_rig import put, running, url_of

SQL = Path(__file__).resolve().parents[2] / "docs" / "supabase.sql"
ANA = {"name": "Ana", "phone": "+351200000011"}
SLOT = {
    "customer_id": 1,
    "starts_at": "2026-12-01T11:00:00+01:00",
    "ends_at": "2026-12-01T10:30:00+00:00",
}


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


@pytest.fixture
async def supabase(providers: RunningProviders) -> AsyncClient:
    """Ana is customer 1."""
    client = await acreate_client(url_of(providers), "offline-key")
    await client.table("customers").insert(ANA).execute()
    return client


async def refusal(asked: Any) -> str | None:
    with pytest.raises(APIError) as caught:
        await asked.execute()
    return caught.value.code


def test_it_has_the_tables_that_the_sql_makes() -> None:
    made = re.findall(r"create table if not exists public\.(\w+)", SQL.read_text())
    assert sorted(made) == sorted(RULES)


async def test_a_new_row_has_a_key_and_defaults(supabase: AsyncClient) -> None:
    (bea,) = (
        await supabase.table("customers")
        .insert({"name": "Bea", "phone": "+351200000012"})
        .execute()
    ).data
    assert (bea["id"], bea["status"], bea["language"], bea["notes"]) == (2, "lead", "", "")
    assert "T" in bea["created_at"]


async def test_a_time_is_told_in_utc(supabase: AsyncClient) -> None:
    (row,) = (await supabase.table("appointments").insert(SLOT).execute()).data
    assert row["starts_at"] == "2026-12-01T10:00:00+00:00"
    assert (row["calendar"], row["status"]) == ("main", "booked")


@pytest.mark.parametrize(
    ("table", "row", "code"),
    [
        ("customers", {"name": "Eva", "phone": ANA["phone"]}, "23505"),
        ("customers", {"name": "Eva", "phone": "at work"}, "23514"),
        ("customers", {"name": "", "phone": "+351200000013"}, "23514"),
        ("customers", {"phone": "+351200000013"}, "23502"),
        ("customers", {"name": "Eva", "phone": "+351200000013", "status": "emperor"}, "23514"),
        ("customer_phones", {"customer_id": 99, "number": "+351200000013"}, "23503"),
        ("customer_facts", {"customer_id": 1, "text": "x" * 501}, "23514"),
        ("appointments", {**SLOT, "customer_id": 99}, "23503"),
        ("appointments", {**SLOT, "customer_id": "Ana"}, "22P02"),
        ("appointments", {**SLOT, "ends_at": SLOT["starts_at"]}, "23514"),
        ("appointments", {**SLOT, "ends_at": "soon"}, "22007"),
    ],
)
async def test_it_refuses_what_postgresql_would_refuse(
    supabase: AsyncClient, table: str, row: dict[str, object], code: str
) -> None:
    before = len((await supabase.table(table).select("*").execute()).data)
    assert await refusal(supabase.table(table).insert(row)) == code
    assert len((await supabase.table(table).select("*").execute()).data) == before


async def test_no_time_of_a_calendar_is_given_away_twice(supabase: AsyncClient) -> None:
    table = supabase.table("appointments")
    await table.insert(SLOT).execute()
    a_minute = {**SLOT, "starts_at": "2026-12-01T10:29:00Z", "ends_at": "2026-12-01T11:00:00Z"}
    assert await refusal(table.insert(a_minute)) == "23P01"
    await table.insert({**a_minute, "starts_at": "2026-12-01T10:30:00Z"}).execute()
    await table.insert({**SLOT, "calendar": "x-ray"}).execute()
    await table.update({"status": "cancelled"}).eq("id", 1).execute()
    await table.insert(SLOT).execute()
    assert await refusal(table.update({"status": "booked"}).eq("id", 1)) == "23P01"


async def test_many_who_ask_at_once_get_it_once(supabase: AsyncClient) -> None:
    asked = (supabase.table("appointments").insert(SLOT).execute() for _ in range(8))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer.code for answer in answers if isinstance(answer, APIError)]
    assert refused == ["23P01"] * 7
    assert len((await supabase.table("appointments").select("*").execute()).data) == 1


async def test_of_several_rows_all_are_written_or_none(supabase: AsyncClient) -> None:
    rows = [{"name": "Bea", "phone": "+351200000012"}, ANA]
    assert await refusal(supabase.table("customers").insert(rows)) == "23505"
    assert len((await supabase.table("customers").select("*").execute()).data) == 1


async def test_with_a_customer_goes_what_is_theirs(supabase: AsyncClient) -> None:
    await supabase.table("customer_facts").insert({"customer_id": 1, "text": "Tall."}).execute()
    await supabase.table("customers").delete().eq("id", 1).execute()
    assert (await supabase.table("customer_facts").select("*").execute()).data == []


async def test_a_key_is_a_number(supabase: AsyncClient) -> None:
    asked = supabase.table("customers").select("*").eq("id", "not-a-number")
    assert await refusal(asked) == "22P02"


async def test_what_a_rehearsal_loads_may_be_odd(
    supabase: AsyncClient, providers: RunningProviders
) -> None:
    await put(providers, "/rehearsal/tables/customers", [{"id": "x", "name": 7}])
    assert (await supabase.table("customers").select("*").execute()).data[0]["name"] == 7
    (bea,) = (await supabase.table("customers").insert(ANA).execute()).data
    assert bea["id"] == 1
