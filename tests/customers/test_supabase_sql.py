"""docs/supabase.sql in a PostgreSQL: who sees the rows, and what the tables refuse."""

import asyncio

import psycopg
import pytest

from customers.errors import DirectoryError
from customers.supabase import SupabaseDirectory
from tests.customers.postgrest import ANON_KEY, SERVICE_KEY, USER_KEY
from tests.customers.served import Served
from tests.customers.supabase_database import SQL, TABLES, run

PHONE = "+351200000011"
ROWS = f"""
insert into customers (name, phone) values ('Ana', '{PHONE}'), ('Bea', '+351200000012');
insert into customer_phones (customer_id, number) values (1, '+351200000013');
insert into customer_facts (customer_id, text) values (1, 'Prefers mornings.');
insert into appointments (customer_id, starts_at, ends_at)
    values (1, '2031-12-01 10:00Z', '2031-12-01 10:30Z');
"""


@pytest.fixture
def filled(database: str) -> str:
    run(database, ROWS)
    return database


def as_role(address: str, role: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as connection:
        connection.execute(f"set local role {role}".encode())
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_it_can_be_run_again_and_keeps_the_rows(filled: str) -> None:
    run(filled, SQL.read_text())
    assert as_role(filled, "service_role", "select name from customers order by id") == [
        ("Ana",),
        ("Bea",),
    ]


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement", ["select * from {}", "insert into {} default values", "delete from {}"]
)
def test_the_keys_of_browsers_reach_no_table(
    filled: str, role: str, table: str, statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role(filled, role, statement.format(table))


@pytest.mark.parametrize("table", TABLES)
def test_who_grants_a_table_by_mistake_still_shows_no_row(filled: str, table: str) -> None:
    """Row-level security is the second lock: no policy lets anybody through."""
    with psycopg.connect(filled) as connection:
        connection.execute(f"grant all on {table} to anon, authenticated".encode())
        for role in ("anon", "authenticated"):
            connection.execute(f"set local role {role}".encode())
            assert connection.execute(f"select * from {table}".encode()).fetchall() == []
            connection.execute(b"reset role")
        connection.rollback()


@pytest.mark.parametrize("table", TABLES)
def test_the_service_role_sees_every_row(filled: str, table: str) -> None:
    assert as_role(filled, "service_role", f"select * from {table}")


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (
            "insert into appointments (customer_id, starts_at, ends_at)"
            " values (2, '2031-12-01 10:29:59.999999Z', '2031-12-01 11:00Z')",
            psycopg.errors.ExclusionViolation,
        ),
        (
            "insert into appointments (customer_id, starts_at, ends_at)"
            " values (2, '2031-12-02 10:00Z', '2031-12-02 10:00Z')",
            psycopg.errors.CheckViolation,
        ),
        ("update appointments set status = 'held'", psycopg.errors.CheckViolation),
        ("update customers set status = 'emperor'", psycopg.errors.CheckViolation),
        ("update customers set phone = '00351200000011'", psycopg.errors.CheckViolation),
        (
            f"insert into customers (name, phone) values ('Ana', '{PHONE}')",
            psycopg.errors.UniqueViolation,
        ),
        (
            "insert into customer_facts (customer_id, text) values (1, 'Prefers mornings.')",
            psycopg.errors.UniqueViolation,
        ),
        (
            "insert into customer_facts (customer_id, text) values (99, 'x')",
            psycopg.errors.ForeignKeyViolation,
        ),
    ],
)
def test_the_tables_refuse_what_would_be_wrong(
    filled: str, statement: str, refusal: type[psycopg.Error]
) -> None:
    with pytest.raises(refusal):
        as_role(filled, "service_role", statement)


def test_those_who_book_in_one_calendar_take_turns(filled: str) -> None:
    """Else the constraint ends a race of eight in deadlocks, once in a hundred times."""
    booking = (
        "insert into appointments (customer_id, calendar, starts_at, ends_at)"
        " values (2, '{}', '{} 10:00Z', '{} 10:30Z')"
    )
    with psycopg.connect(filled) as first, psycopg.connect(filled) as second:
        first.execute(booking.format("main", "2031-12-02", "2031-12-02").encode())
        second.execute(b"set local lock_timeout = '200ms'")
        second.execute(booking.format("other", "2031-12-03", "2031-12-03").encode())
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute(booking.format("main", "2031-12-03", "2031-12-03").encode())
        second.rollback()
        first.commit()
        second.execute(booking.format("main", "2031-12-03", "2031-12-03").encode())


def test_a_customer_goes_with_everything_that_is_theirs(filled: str) -> None:
    run(filled, "delete from customers where name = 'Ana'")
    for table in ("customer_phones", "customer_facts", "appointments"):
        assert as_role(filled, "service_role", f"select * from {table}") == []


@pytest.mark.parametrize("key", [ANON_KEY, USER_KEY, "no key of this project"])
async def test_the_directory_says_which_key_it_needs(
    filled: str, supabase_server: Served, key: str
) -> None:
    directory = SupabaseDirectory(supabase_server.url, key)
    for asked in (directory.find_by_phone(PHONE), directory.create_customer(PHONE, "Ana", "")):
        with pytest.raises(DirectoryError, match="SUPABASE_KEY is the service role key") as failed:
            await asked
        assert PHONE not in str(failed.value)


async def test_the_directory_says_when_the_tables_are_missing(
    filled: str, supabase_server: Served
) -> None:
    directory = SupabaseDirectory(supabase_server.url, SERVICE_KEY)
    await asyncio.to_thread(run, filled, "alter table customer_facts rename to gone")
    try:
        with pytest.raises(DirectoryError, match=r"docs/supabase\.sql"):
            await directory.find_by_phone(PHONE)
    finally:
        await asyncio.to_thread(run, filled, "alter table gone rename to customer_facts")
