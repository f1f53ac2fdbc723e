"""Remote MCP servers, which are processes of their own, over real sockets."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from mcp.types import CallToolResult

from catalog.tools import mcp, mcp_connection
from catalog.tools.context import ToolError, ToolOutcome, idempotency_key
from catalog.tools.mcp_results import outcome_of
from catalog.tools.mcp_wire import Wire
from catalog.tools.parameters import ToolArgumentsError
from tests.catalog.remote.pool import connected, names, run, server_spec, soon, tool
from tests.catalog.remote.processes import RemoteServer, running


@pytest.fixture(scope="module")
def crm() -> Iterator[RemoteServer]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def old_crm() -> Iterator[RemoteServer]:
    with running("crm_server.py", "--old") as server:
        yield server


@pytest.fixture(autouse=True)
def allowed(settings: Any, crm: RemoteServer, old_crm: RemoteServer) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset({crm.host, old_crm.host})
    settings.TOOL_SECRETS = {"TOOL_SECRET_CRM": "the-secret-of-the-crm"}


@pytest.fixture(autouse=True)
def nobody_is_followed_afterwards() -> Iterator[None]:
    yield
    mcp.stop()


@pytest.fixture(params=["today's protocol", "that of 2025"])
def server(request: pytest.FixtureRequest, crm: RemoteServer, old_crm: RemoteServer) -> Any:
    return crm if request.param == "today's protocol" else old_crm


def test_its_tools_are_offered_with_its_name_before_theirs(server: RemoteServer) -> None:
    spec = server_spec("crm", server.url)
    connected(spec)
    assert {"crm_search", "crm_add_note", "crm_slow"} <= set(names(spec))
    search, add_note = tool(spec, "crm_search"), tool(spec, "crm_add_note")
    assert search.description == "Search the customer records."
    assert search.parameters["required"] == ["query"]
    assert (search.changes_something, search.may_repeat) == (False, True)
    assert (add_note.changes_something, add_note.may_repeat) == (True, False)
    assert tool(spec, "crm_set_status").may_repeat
    assert mcp.states()["crm"].connected


def test_a_tool_runs_and_its_text_is_the_outcome(server: RemoteServer) -> None:
    spec = server_spec("crm", server.url)
    connected(spec)
    outcome = run(spec, "crm_search", query="Ana")
    assert outcome.ok
    assert outcome.data == {"text": "Found for Ana: order 4711, shipped on Monday. (limit 5)"}


def test_numbers_without_text_are_told_as_json(crm: RemoteServer) -> None:
    spec = server_spec("crm", crm.url)
    connected(spec)
    told = run(spec, "crm_totals").data["text"]
    assert json.loads(str(told)) == {"open": 3, "closed": 7}


def test_arguments_that_do_not_fit_do_not_leave_the_house(crm: RemoteServer) -> None:
    spec = server_spec("crm", crm.url)
    connected(spec)
    with pytest.raises(ToolArgumentsError, match="query"):
        run(spec, "crm_search", limit=3)
    with pytest.raises(ToolArgumentsError, match="limit"):
        run(spec, "crm_search", query="Ana", limit="many")


def test_a_tool_that_fails_says_so_and_the_session_stays(server: RemoteServer) -> None:
    spec = server_spec("crm", server.url)
    connected(spec)
    outcome = run(spec, "crm_broken")
    assert not outcome.ok and "broken" in str(outcome.data["text"])
    assert mcp.states()["crm"].connected


def test_the_same_request_carries_the_same_key_and_nothing_else_of_the_call(
    crm: RemoteServer,
) -> None:
    spec = server_spec("crm", crm.url)
    connected(spec)
    token = idempotency_key.set("key-of-this-request")
    try:
        run(spec, "crm_add_note", text="call back")
        again = json.loads(str(run(spec, "crm_add_note", text="call back").data["text"]))
    finally:
        idempotency_key.reset(token)
    assert again["keys"].count("key-of-this-request") == 1


def test_secrets_go_to_the_server_and_do_not_come_back(crm: RemoteServer) -> None:
    spec = server_spec("crm", crm.url, "Authorization: Bearer {TOOL_SECRET_CRM}")
    connected(spec)
    told = str(run(spec, "crm_headers").data["text"])
    assert "Bearer " in told and "the-secret-of-the-crm" not in told


def test_a_secret_that_is_not_set_keeps_it_away_and_is_named(crm: RemoteServer) -> None:
    spec = server_spec("crm", crm.url, "Authorization: Bearer {TOOL_SECRET_OTHER}")
    connected(spec)
    assert names(spec) == []
    assert "TOOL_SECRET_OTHER" in mcp.states()["crm"].problem


def test_a_private_address_is_not_connected_to_unless_it_is_listed(
    crm: RemoteServer, settings: Any
) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset()
    for url in (crm.url, crm.url.replace("http:", "https:")):
        spec = server_spec("crm", url)
        connected(spec)
        assert names(spec) == []
        soon(lambda: "crm" in mcp.states())
        assert mcp.states()["crm"].problem
        mcp.stop()


def test_a_tool_that_appears_meanwhile_is_offered_at_once(server: RemoteServer) -> None:
    spec = server_spec("crm", server.url)
    connected(spec)
    name = f"learned_{time.monotonic_ns()}"
    run(spec, "crm_learn", name=name)
    soon(lambda: f"crm_{name}" in names(spec), 3.0)
    assert "I am" in str(run(spec, f"crm_{name}").data["text"])


def test_a_late_answer_is_not_waited_for_and_the_next_is_heard(crm: RemoteServer) -> None:
    spec = server_spec("crm", crm.url)
    connected(spec)

    async def impatient() -> str:
        slow, search = tool(spec, "crm_slow"), tool(spec, "crm_search")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await slow.handler(None, seconds=30)
        return str((await search.handler(None, query="Rui")).data["text"])

    assert "Rui" in asyncio.run(impatient())
    assert mcp.states()["crm"].connected


def test_a_long_answer_is_cut_and_a_huge_one_costs_only_itself(server: RemoteServer) -> None:
    spec = server_spec("crm", server.url)
    connected(spec)
    assert len(str(run(spec, "crm_huge", kib=200).data["text"])) == 8_000
    with pytest.raises(ToolError):
        run(spec, "crm_huge", kib=3_000)
    assert run(spec, "crm_search", query="Ana").ok
    assert mcp.states()["crm"].connected


def test_answers_are_taken_apart_away_from_the_loop_of_the_calls(
    crm: RemoteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = server_spec("crm", crm.url)
    connected(spec)
    threads = []

    def watched(result: CallToolResult) -> ToolOutcome:
        threads.append(threading.current_thread().name)
        return outcome_of(result)

    monkeypatch.setattr(mcp_connection, "outcome_of", watched)
    assert run(spec, "crm_huge", kib=400).ok
    assert threads == ["MCP servers"]


def test_what_forty_calls_are_offered_costs_no_io(
    crm: RemoteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = server_spec("crm", crm.url)
    connected(spec)
    time.sleep(0.5)  # It looks once more when the stream of changes is open.
    requests: list[str] = []
    send = Wire.handle_async_request

    async def counted(wire: Wire, request: httpx2.Request) -> httpx2.Response:
        requests.append(request.method)
        return await send(wire, request)

    monkeypatch.setattr(Wire, "handle_async_request", counted)
    began_at = time.monotonic()
    first = mcp.tools_of(spec)
    assert all(mcp.tools_of(spec) is first for _call in range(40))
    assert time.monotonic() - began_at < 0.05
    assert requests == []
    run(spec, "crm_search", query="Ana")
    assert requests, "the count would have seen them"
