"""The connections to Supabase: each event loop has its own, and closes them when it ends."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from customers import directory as directory_module
from customers.directory import get_directory
from customers.local import LocalDirectory
from customers.supabase import SupabaseDirectory
from customers.supabase_requests import TIMEOUT_SECONDS
from tests.customers.postgrest import SERVICE_KEY
from tests.customers.served import Served

ROOT = Path(__file__).resolve().parents[2]
PHONE = "+351200000011"
PROGRAM = """
import sys, django
django.setup()
from customers import directory
directory.prepare()
print(type(directory.get_directory()).__name__, "supabase" in sys.modules)
"""


@pytest.fixture
def known(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("insert into customers (name, phone) values ('Ana', %s)", (PHONE,))


def test_loops_one_after_the_other_find_the_same_customer_and_leave_no_connection(
    known: None, supabase_server: Served
) -> None:
    directory = SupabaseDirectory(supabase_server.url, SERVICE_KEY)
    directory.prepare()
    for _ in range(5):
        found = asyncio.run(directory.find_by_phone(PHONE))
        assert found is not None and found.name == "Ana"
        until(lambda: supabase_server.connections == 0)


def test_loops_at_the_same_time_do_not_meet(known: None, supabase_server: Served) -> None:
    directory = SupabaseDirectory(supabase_server.url, SERVICE_KEY)
    found: list[str] = []

    async def look_often() -> None:
        for _ in range(5):
            answers = await asyncio.gather(*(directory.find_by_phone(PHONE) for _ in range(4)))
            found.extend(answer.name for answer in answers if answer is not None)

    threads = [threading.Thread(target=lambda: asyncio.run(look_often())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert found == ["Ana"] * 80


async def test_a_warm_look_up_does_not_make_a_client(
    known: None, supabase_server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = SupabaseDirectory(supabase_server.url, SERVICE_KEY)
    await asyncio.to_thread(directory.prepare)

    def too_late(*_: object) -> None:
        raise AssertionError("a caller waits for this")

    monkeypatch.setattr("customers.supabase_requests.new_client", too_late)
    assert await directory.find_by_phone(PHONE) is not None


async def test_a_look_up_that_is_given_up_leaves_nothing_running(
    known: None, supabase_server: Served
) -> None:
    directory = SupabaseDirectory(supabase_server.url, SERVICE_KEY)
    assert await directory.find_by_phone(PHONE) is not None
    others = asyncio.all_tasks()
    look_up = asyncio.create_task(directory.find_by_phone(PHONE))
    while asyncio.all_tasks() == others | {look_up}:
        await asyncio.sleep(0)
    look_up.cancel()
    await asyncio.wait([look_up], timeout=2.0)
    assert look_up.cancelled()
    async with asyncio.timeout(TIMEOUT_SECONDS + 1.0):  # A request is never broken off.
        while asyncio.all_tasks() != others:
            await asyncio.sleep(0.01)


def test_the_settings_choose_the_directory(settings, supabase_server: Served) -> None:
    settings.SUPABASE_URL, settings.SUPABASE_KEY = "", ""
    assert isinstance(get_directory(), LocalDirectory)
    get_directory.cache_clear()
    settings.SUPABASE_URL, settings.SUPABASE_KEY = supabase_server.url, SERVICE_KEY
    assert isinstance(get_directory(), SupabaseDirectory)
    directory_module.prepare()


@pytest.mark.parametrize(
    ("url", "printed"),
    [("", "LocalDirectory False"), ("http://127.0.0.1:9", "SupabaseDirectory True")],
)
def test_a_process_imports_supabase_only_to_use_it(url: str, printed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "voiceagent.settings",
            "SERVES_CALLS": "false",
            "SUPABASE_URL": url,
            "SUPABASE_KEY": "a-key",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-2] == printed
    assert "ResourceWarning" not in done.stderr


def until(condition: Callable[[], bool], *, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
