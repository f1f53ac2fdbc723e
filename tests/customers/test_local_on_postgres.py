"""The local directory over PostgreSQL, which refuses and queues in other ways than SQLite."""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.prerequisites import POSTGRES_URL, need_postgres

ROOT = Path(__file__).resolve().parents[2]
HERE = "tests/customers"
FILES = ("test_directory_appointments.py", "test_directory_races.py", "test_no_double_booking.py")
ASKED = (
    "not supabase and not rehearsal and not would_not_sort and (races or double_booking or zone)"
)


@pytest.fixture
def database() -> Iterator[str]:
    need_postgres()
    name = f"customers_{uuid.uuid4().hex[:12]}"
    try:
        yield f"{POSTGRES_URL}/{name}"
    finally:
        # pytest-django made this one; it could not drop it, since the directory's threads hold it.
        with psycopg.connect(f"{POSTGRES_URL}/postgres", autocommit=True) as server:
            server.execute(f"drop database if exists test_{name} with (force)")


def test_it_keeps_its_promises_there(database: str) -> None:
    """In a process of its own: the database of a process is settled when it starts."""
    tests = [f"{HERE}/{name}" for name in FILES]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--reuse-db"]
        + ["-k", ASKED, *tests],
        env={**os.environ, "DATABASE_URL": database},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6_000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None and int(passed[1]) >= 15, done.stdout
    assert "skipped" not in done.stdout
