"""A call uses a tool of a remote MCP server, loses the server, and gets it back."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.models import McpServer
from catalog.tools import mcp, mcp_connection
from rehearsal.caller import HangUp, Pause, WaitForAgent
from tests.catalog.remote.processes import RemoteServer, running
from tests.whole_call.desk import at_the_desk
from tests.whole_call.own_words import OwnWords
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERED = WaitForAgent("finished")
ASK = "Please use the tool crm search with query Ana"
FOUND = "Found for Ana"


@pytest.fixture
def crm(rig: Rig, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemoteServer]:
    """A server whose tools the default agent may use from the start."""
    monkeypatch.setattr(mcp_connection, "LAST_RETRY_SECONDS", 0.5)
    with running() as server:
        settings.TOOL_PRIVATE_HOSTS = frozenset({server.host})
        at_the_desk(lambda: McpServer.objects.create(name="crm", url=server.url))
        rig.edit_agent(tools_at_start="full", tools_later="full")
        rig.wait_until(lambda: mcp.states().get("crm") is not None)
        assert mcp.states()["crm"].connected
        yield server
    at_the_desk(McpServer.objects.all().delete)
    mcp.stop()


@pytest.fixture
def words(rig: Rig) -> Iterator[OwnWords]:
    words = OwnWords(rig.providers)
    yield words
    words.forget()


def offered(record: dict[str, Any]) -> list[bool]:
    """For each reply of the agent: whether it could have used the server's tool."""
    return [
        "crm_search" in part["tools_offered"]
        for part in record["transcript"]
        if part["tools_offered"] is not None
    ]


async def test_its_tool_is_used_by_voice_goes_with_it_and_comes_back_in_the_same_call(
    rig: Rig, crm: RemoteServer, words: OwnWords
) -> None:
    in_progress = asyncio.create_task(
        rig.call(
            ANSWERED,
            words.say(ASK),
            ANSWERED,
            Pause(3_500),  # The server dies, and the call notices.
            words.say(f"{ASK} again"),
            ANSWERED,
            Pause(7_000),  # It is started, found, and offered again.
            words.say(f"{ASK}, please"),
            ANSWERED,
            HangUp(),
        )
    )
    await asyncio.to_thread(rig.wait_until, lambda: FOUND in str(rig.spoken_texts()))
    crm.kill()
    await asyncio.to_thread(rig.wait_until, lambda: "You said" in str(rig.spoken_texts()[1:]))
    await asyncio.to_thread(crm.start)
    report = await in_progress
    assert report.ok, report.failures

    record = rig.record(report.call_sid)
    assert offered(record) == [True, False, True]
    runs = [(run["name"], run["outcome"]) for run in record["tool_runs"]]
    assert runs == [("crm_search", "ok"), ("crm_search", "ok")]
    told = [part["text"] for part in record["transcript"] if part["speaker"] == "agent"]
    assert FOUND in told[1] and FOUND not in told[2] and FOUND in told[3]
