"""Supabase's REST stand-in, through Supabase's own asynchronous client."""

from collections.abc import AsyncIterator

import pytest
from postgrest.exceptions import APIError
from supabase import AsyncClient, acreate_client

from rehearsal.providers.server import RunningProviders
from tests.rehearsal.providers_rig import put, running, url_of

MARIA = {"id": 1, "name": "Maria Lopes", "phone": "+12025550143", "vip": True, "notes": None}
JOSE = {"id": 2, "name": "Silva, José", "phone": "+351200000001", "vip": False, "notes": "x"}
ANA = {"id": 10, "name": "Ana Reis", "phone": "+351200000002", "vip": False, "notes": None}


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        await put(providers, "/rehearsal/tables/people", [MARIA, JOSE, ANA])
        yield providers


@pytest.fixture
async def supabase(providers: RunningProviders) -> AsyncClient:
    return await acreate_client(url_of(providers), "offline-key")


async def test_it_finds_a_row_by_its_value(supabase: AsyncClient) -> None:
    found = await supabase.table("people").select("*").eq("phone", "+12025550143").execute()
    assert found.data == [MARIA]


async def test_it_shows_the_columns_asked_for(supabase: AsyncClient) -> None:
    found = await supabase.table("people").select("id, name").eq("vip", True).execute()
    assert found.data == [{"id": 1, "name": "Maria Lopes"}]


async def test_it_finds_one_of_several_values(supabase: AsyncClient) -> None:
    names = ["Silva, José", "Ana Reis", "Nobody"]
    found = await supabase.table("people").select("id").in_("name", names).execute()
    assert [row["id"] for row in found.data] == [2, 10]


async def test_it_finds_rows_without_a_value(supabase: AsyncClient) -> None:
    found = await supabase.table("people").select("id").is_("notes", "null").execute()
    assert [row["id"] for row in found.data] == [1, 10]


async def test_it_sorts_and_limits_and_counts(supabase: AsyncClient) -> None:
    query = supabase.table("people").select("id", count="exact")
    found = await query.order("id", desc=True).limit(2).execute()
    assert [row["id"] for row in found.data] == [10, 2]
    assert found.count == 3


async def test_it_sorts_null_last(supabase: AsyncClient) -> None:
    found = await supabase.table("people").select("id").order("notes").order("id").execute()
    assert [row["id"] for row in found.data] == [2, 1, 10]


async def test_it_gives_one_object_when_asked_for_a_single(supabase: AsyncClient) -> None:
    found = await supabase.table("people").select("*").eq("id", 1).single().execute()
    assert found.data == MARIA


async def test_it_refuses_a_single_that_is_not_one(supabase: AsyncClient) -> None:
    with pytest.raises(APIError) as caught:
        await supabase.table("people").select("*").eq("id", 99).single().execute()
    assert caught.value.code == "PGRST116"
    nothing = await supabase.table("people").select("*").eq("id", 99).maybe_single().execute()
    assert nothing is None


async def test_it_inserts_and_changes_and_deletes(supabase: AsyncClient) -> None:
    table = supabase.table("people")
    new = {**ANA, "id": 11, "name": "Rui Reis"}
    assert (await table.insert(new).execute()).data == [new]
    changed = await table.update({"vip": True}).eq("id", 11).execute()
    assert changed.data == [{**new, "vip": True}]
    assert len((await table.select("*").eq("vip", True).execute()).data) == 2
    assert (await table.delete().eq("id", 11).execute()).data == [{**new, "vip": True}]
    assert len((await table.select("*").execute()).data) == 3


@pytest.mark.parametrize(
    ("table", "column", "code"),
    [("nothing", "id", "PGRST205"), ("people", "surname", "42703")],
)
async def test_it_knows_what_there_is_not(
    supabase: AsyncClient, table: str, column: str, code: str
) -> None:
    with pytest.raises(APIError) as caught:
        await supabase.table(table).select("*").eq(column, "1").execute()
    assert caught.value.code == code


@pytest.mark.parametrize("columns", ["*, orders(*)", "id, facts(text)"])
async def test_it_admits_what_it_cannot(supabase: AsyncClient, columns: str) -> None:
    with pytest.raises(APIError, match="stand-in"):
        await supabase.table("people").select(columns).execute()
    with pytest.raises(APIError, match="stand-in"):
        await supabase.table("people").select("*").like("name", "A%").execute()


async def test_it_fails_as_it_was_told_to(
    supabase: AsyncClient, providers: RunningProviders
) -> None:
    await put(providers, "/rehearsal/faults", {"supabase": "error"})
    with pytest.raises(APIError) as caught:
        await supabase.table("people").select("*").execute()
    assert caught.value.code == "500"


async def test_it_logs_what_was_asked_without_the_key(
    supabase: AsyncClient, providers: RunningProviders
) -> None:
    await supabase.table("people").select("*").eq("id", 1).execute()
    (entry,) = providers.log.entries("supabase")
    assert entry.path == "/rest/v1/people"
    assert entry.query["id"] == "eq.1"
    assert "offline-key" not in str(entry.document())


@pytest.mark.parametrize(
    ("comparison", "found"), [("gt", [3]), ("gte", [2, 3]), ("lt", [1]), ("lte", [1, 2])]
)
@pytest.mark.parametrize(
    ("column", "value"), [("age", 20), ("at", "2026-12-01T11:00:00+01:00"), ("name", "Bea")]
)
async def test_it_compares_numbers_moments_and_words(
    supabase: AsyncClient,
    providers: RunningProviders,
    comparison: str,
    found: list[int],
    column: str,
    value: object,
) -> None:
    """As text, 9 would come after 20, and the moment after both others."""
    rows = [
        {"id": 1, "age": 9, "at": "2026-12-01T09:59:00+00:00", "name": "Ana"},
        {"id": 2, "age": 20, "at": "2026-12-01T10:00:00+00:00", "name": "Bea"},
        {"id": 3, "age": 100, "at": "2026-12-01T10:00:00.5+00:00", "name": "Eva"},
        {"id": 4, "age": None, "at": None, "name": None},
    ]
    await put(providers, "/rehearsal/tables/people", rows)
    asked = getattr(supabase.table("people").select("id"), comparison)(column, value)
    assert [row["id"] for row in (await asked.execute()).data] == found


async def test_one_moment_is_the_same_in_two_zones(
    supabase: AsyncClient, providers: RunningProviders
) -> None:
    rows = [{"id": 1, "at": "2026-12-01T10:00:00+00:00"}, {"id": 2, "at": "2026-12-01T11:00:00Z"}]
    await put(providers, "/rehearsal/tables/people", rows)
    asked = supabase.table("people").select("id").eq("at", "2026-12-01T11:00:00+01:00")
    assert (await asked.execute()).data == [{"id": 1}]
