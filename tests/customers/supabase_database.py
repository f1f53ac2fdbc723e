"""A database with docs/supabase.sql in it, as a Supabase project has one."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.prerequisites import POSTGRES_URL

SQL = Path(__file__).resolve().parents[2] / "docs" / "supabase.sql"
TABLES = ("appointments", "customer_facts", "customer_phones", "customers")
# As in every project of Supabase, where row-level security does not hold the service role. They
# belong to the whole PostgreSQL, so they stay.
ROLES = """
do $$ begin
    perform pg_advisory_xact_lock(20261122);
    if not exists (select from pg_roles where rolname = 'anon') then
        create role anon nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'authenticated') then
        create role authenticated nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'service_role') then
        create role service_role nologin bypassrls;
    end if;
end $$;
"""
# What Supabase does with every new table of the schema, whoever may not mean it.
OPEN_HANDED = """
grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated,
    service_role;
"""


@contextmanager
def supabase_database() -> Iterator[str]:
    """Its address. It is dropped afterwards."""
    name = f"supabase_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{POSTGRES_URL}/postgres", autocommit=True) as server:
        server.execute(ROLES)
        server.execute(f'create database "{name}"')
        address = f"{POSTGRES_URL}/{name}"
        try:
            run(address, OPEN_HANDED)
            run(address, SQL.read_text())
            yield address
        finally:
            server.execute(f'drop database "{name}" with (force)')


def run(address: str, program: str) -> None:
    """Any number of statements."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(program.encode())


def empty(address: str) -> None:
    run(address, f"truncate {', '.join(TABLES)} restart identity cascade")
