"""`manage.py mcp_server`, driven by the SDK's client over stdio and HTTP."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from django.core.management import CommandError, call_command
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from calls.mcp_serving import NoSuchAgent, agent_of

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "manage.py", "mcp_server"]
CALLER = "+351210000077"


class Place:
    """A database of its own, and the commands that work on it."""

    def __init__(self, folder: Path) -> None:
        self._database = folder / "db.sqlite3"
        self.environment = {
            **os.environ,
            "DEBUG": "true",
            "SECRET_KEY": "x" * 60,
            "DATABASE_URL": f"sqlite:///{self._database}",
            "SUPABASE_URL": "",
            "MCP_SERVER_TOKEN": "",
            "PYTHONUNBUFFERED": "1",
        }

    def migrate(self) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env=self.environment,
            timeout=120,
            check=True,
        )

    def appointments(self) -> int:
        with closing(sqlite3.connect(self._database)) as rows:
            counted: int = rows.execute("SELECT count(*) FROM customers_appointment").fetchone()[0]
        return counted


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("mcp"))
    place.migrate()
    return place


@asynccontextmanager
async def over_stdio(place: Place, *arguments: str) -> AsyncIterator[Client]:
    process = StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], *arguments], cwd=ROOT, env=place.environment
    )
    async with Client(process) as client:
        yield client


@contextmanager
def serving_http(place: Place, *arguments: str, token: str = "") -> Iterator[str]:
    """The address of its endpoint."""
    process = subprocess.Popen(
        [*COMMAND, "--http", "--port", "0", *arguments],
        cwd=ROOT,
        env={**place.environment, "MCP_SERVER_TOKEN": token},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found[0].replace("0.0.0.0", "127.0.0.1")
    finally:
        process.terminate()
        process.wait(10.0)
        process.stdout.close()


async def called(client: Client, name: str, /, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(name, arguments)
    told: dict[str, Any] = json.loads(result.content[0].text)  # type: ignore[union-attr]
    assert told["ok"] is not result.is_error
    return told


def next_tuesday_at_three() -> tuple[str, str]:
    today = datetime.now(ZoneInfo("UTC"))
    tuesday = today + timedelta(days=(1 - today.weekday()) % 7 or 7)
    return tuesday.date().isoformat(), "15:00"


async def test_it_lists_the_tools_and_runs_them_over_stdio(place: Place) -> None:
    async with over_stdio(place) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {"get_current_time", "book_appointment", "get_customer", "end_call"} <= set(tools)
        clock, book = tools["get_current_time"], tools["book_appointment"]
        assert clock.annotations is not None and clock.annotations.read_only_hint
        assert book.annotations is not None and not book.annotations.read_only_hint
        assert (await called(client, "get_current_time"))["time_zone"]

        farewell = await called(client, "end_call", goodbye="Bye.")
        assert not farewell["ok"] and "no call" in farewell["say"]
        wrong = await called(client, "end_call")
        assert not wrong["ok"] and "goodbye" in wrong["say"]
        assert not (await called(client, "launch_rocket"))["ok"]


async def test_a_booking_lands_in_the_database_and_the_same_again_is_the_same(
    place: Place,
) -> None:
    date, time = next_tuesday_at_three()
    async with over_stdio(place, "--caller", CALLER) as client:
        assert (await called(client, "create_customer", name="Rui Costa"))["ok"]
        known = await called(client, "get_customer")
        assert known["known"] and known["name"] == "Rui Costa"
        asked = {"date": date, "time": time, "reason": "Check-up"}
        for _again in range(2):
            booked = await called(client, "book_appointment", **asked)
            assert booked["ok"], booked
    assert place.appointments() == 1


async def test_over_http_a_page_in_a_browser_does_not_reach_it_under_another_name(
    place: Place,
) -> None:
    with serving_http(place) as url:
        async with Client(url) as client:
            assert (await called(client, "get_current_time"))["ok"]
        asked = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        plain = {"Accept": "application/json, text/event-stream"}
        async with httpx2.AsyncClient() as http:
            for header, value in (("Host", "evil.example:8091"), ("Origin", "http://evil.example")):
                answer = await http.post(url, json=asked, headers={**plain, header: value})
                assert answer.status_code in (403, 421), header


async def test_beyond_this_machine_only_who_shows_the_token_is_served(place: Place) -> None:
    with serving_http(place, "--host", "0.0.0.0", token="only-for-us") as url:
        async with httpx2.AsyncClient() as http:
            for shown in ({}, {"Authorization": "Bearer wrong"}):
                assert (await http.post(url, json={}, headers=shown)).status_code == 401
        right = {"Authorization": "Bearer only-for-us"}
        async with (
            httpx2.AsyncClient(headers=right) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            assert "get_current_time" in {tool.name for tool in (await client.list_tools()).tools}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--http", "--host", "0.0.0.0"), "MCP_SERVER_TOKEN"),
        (("--caller", "Ana"), "no phone number"),
    ],
)
def test_it_refuses_to_start_with_a_sentence(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("mcp_server", *arguments)


def test_an_agent_that_there_is_not_is_answered_with_those_there_are() -> None:
    agents = {7: SimpleNamespace(name="Clara"), 8: SimpleNamespace(name="Duarte")}
    snapshot: Any = SimpleNamespace(agents=agents, default_agent_id=7)
    assert agent_of(snapshot, "").name == "Clara"
    assert agent_of(snapshot, "Duarte").name == "Duarte"
    with pytest.raises(NoSuchAgent, match="Clara, Duarte"):
        agent_of(snapshot, "Nobody")


def test_it_is_served_without_the_pipeline() -> None:
    program = (
        "import sys, django; django.setup(); import calls.management.commands.mcp_server;"
        "print([name for name in sys.modules if name.split('.')[0] in ('pipecat', 'loguru')])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "voiceagent.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert loaded.stdout.strip() == "[]"
