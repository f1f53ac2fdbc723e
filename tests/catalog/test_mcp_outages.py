"""Remote MCP servers that die, come back, and do not do what the protocol says."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.tools import mcp, mcp_connection, mcp_session, mcp_wire
from catalog.tools.context import ToolError
from tests.catalog.remote.pool import connected, names, run, server_spec, soon, tool
from tests.catalog.remote.processes import RemoteServer, running


@pytest.fixture
def crm() -> Iterator[RemoteServer]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def rude() -> Iterator[RemoteServer]:
    with running("rude_server.py") as server:
        yield server


@pytest.fixture(autouse=True)
def patience(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Private hosts are allowed, and nobody waits as long as in earnest."""
    settings.TOOL_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    monkeypatch.setattr(mcp_connection, "LAST_RETRY_SECONDS", 0.5)
    monkeypatch.setattr(mcp_session, "CONNECT_SECONDS", 1.5)
    monkeypatch.setattr(mcp_session, "PONG_SECONDS", 1.0)
    monkeypatch.setattr(mcp_session, "TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr(mcp_wire, "ANSWER_SECONDS", 1.5)
    yield
    mcp.stop()


@pytest.mark.parametrize("protocol", ["today's", "--old"])
def test_its_tools_vanish_with_it_and_return_unchanged(settings: Any, protocol: str) -> None:
    with running("crm_server.py", protocol) as crm:
        spec = server_spec("crm", crm.url)
        connected(spec)
        before = mcp.tools_of(spec)
        assert before
        crm.kill()
        assert soon(lambda: not names(spec)) < 1.0, "an open stream tells it at once"
        assert not mcp.states()["crm"].connected
        assert [seen.name for seen in mcp.states()["crm"].tools] == [one.name for one in before]
        crm.start()
        soon(lambda: names(spec))
        assert mcp.tools_of(spec) == before, "a running call is not offered them anew"
        assert run(spec, "crm_search", query="Ana").ok


def test_of_two_servers_the_one_that_dies_takes_only_its_own_tools(crm: RemoteServer) -> None:
    with running() as other:
        here, there = server_spec("crm", crm.url), server_spec("shop", other.url)
        connected(here, there)
        assert "crm_search" in names(here) and "shop_search" in names(there)
        other.kill()
        soon(lambda: not names(there))
        assert run(here, "crm_search", query="Ana").ok


def test_a_dead_server_delays_the_warm_up_by_two_seconds_at_most(crm: RemoteServer) -> None:
    here = server_spec("crm", crm.url)
    mcp.prepare()  # So that the import is not measured.
    crm_was = time.monotonic()
    connected(here, server_spec("dead", "http://127.0.0.1:1/mcp"))
    assert time.monotonic() - crm_was < mcp.PREPARE_SECONDS + 0.5
    assert "crm_search" in names(here)


def test_a_call_that_is_under_way_when_it_dies_ends_in_a_sentence(crm: RemoteServer) -> None:
    spec = server_spec("crm", crm.url)
    connected(spec)

    async def interrupted() -> None:
        running_call = asyncio.create_task(tool(spec, "crm_slow").handler(None, seconds=0.9))
        await asyncio.sleep(0.3)
        crm.kill()
        async with asyncio.timeout(3.0):
            await running_call

    with pytest.raises(ToolError, match="cannot reach"):
        asyncio.run(interrupted())


def test_a_tool_of_a_server_that_is_gone_answers_with_a_sentence(crm: RemoteServer) -> None:
    spec = server_spec("crm", crm.url)
    connected(spec)
    search = tool(spec, "crm_search")
    crm.kill()
    soon(lambda: not names(spec))
    with pytest.raises(ToolError, match="cannot reach"):
        asyncio.run(search.handler(None, query="Ana"))  # type: ignore[arg-type]
    mcp.stop()
    with pytest.raises(ToolError, match="cannot reach"):
        asyncio.run(search.handler(None, query="Ana"))  # type: ignore[arg-type]


def test_a_silent_death_is_noticed_by_a_ping(
    crm: RemoteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_connection, "PING_SECONDS", 0.3)
    spec = server_spec("crm", crm.url)
    connected(spec)
    soon(lambda: names(spec))  # On a busy machine the first connection takes longer.
    crm.freeze()
    soon(lambda: not names(spec), 4.0)
    assert "in time" in mcp.states()["crm"].problem
    crm.thaw()
    soon(lambda: names(spec))


def test_whom_nobody_follows_any_more_is_left(crm: RemoteServer) -> None:
    spec = server_spec("crm", crm.url)
    connected(spec)
    mcp.follow(())
    soon(lambda: not names(spec) and "crm" not in mcp.states())
    connected(spec)
    soon(lambda: names(spec))


def test_an_address_that_changes_is_connected_to_anew(crm: RemoteServer) -> None:
    before, after = server_spec("crm", "http://127.0.0.1:1/mcp"), server_spec("crm", crm.url)
    connected(before)
    soon(lambda: "crm" in mcp.states())
    connected(after)
    soon(lambda: names(after))
    assert names(before) == []
    assert mcp.states()["crm"].connected


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("html", "as an MCP server does"),
        ("garbage", "as an MCP server does"),
        ("locked", "secret"),
        ("elsewhere", "as an MCP server does"),
        ("hang", "in time"),
        ("endless", "as an MCP server does"),
        ("nothing", "nothing at this address"),
    ],
)
def test_what_is_no_mcp_server_is_told_in_words(rude: RemoteServer, path: str, words: str) -> None:
    spec = server_spec("rude", f"http://{rude.host}/{path}")
    connected(spec)
    soon(lambda: "rude" in mcp.states())
    assert names(spec) == []
    assert words in mcp.states()["rude"].problem


@pytest.fixture
def half(rude: RemoteServer) -> Any:
    spec = server_spec("half", f"http://{rude.host}/half")
    connected(spec)
    soon(lambda: names(spec))
    return spec


def test_tools_that_cannot_be_used_are_left_out_with_the_reason(half: Any) -> None:
    assert names(half) == ["half_drop", "half_garble", "half_good_one", "half_stall", "half_wordy"]
    reasons = {seen.name: seen.problem for seen in mcp.states()["half"].tools if seen.problem}
    assert set(reasons) == {"good-one", "!!!", "no_schema", "large"}
    assert "half_good_one" in reasons["good-one"]
    assert "16 KiB" in reasons["large"]
    assert "JSON Schema" in reasons["no_schema"]
    assert len(tool(half, "half_wordy").description) == 2_000


@pytest.mark.parametrize("name", ["half_garble", "half_drop", "half_stall"])
def test_a_spoiled_answer_costs_that_call_and_not_the_session(half: Any, name: str) -> None:
    with pytest.raises(ToolError, match="cannot reach"):
        run(half, name)
    time.sleep(0.2)
    assert mcp.states()["half"].connected


def test_a_server_that_knows_no_ping_stays(half: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_connection, "PING_SECONDS", 0.05)
    before = mcp.states()["half"]
    time.sleep(1.0)
    assert mcp.states()["half"] == before and before.connected
