"""The phone rings at one process, and the stream opens at another behind the same address."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import pytest
from aiohttp import ClientSession

from rehearsal.caller import (
    CONNECTED,
    CallIdentity,
    HangUp,
    MessageWriter,
    Speak,
    Target,
    WaitForAgent,
    open_stream,
)
from rehearsal.caller.incoming_call import place_call
from tests.browser.telephone import call
from tests.cluster.two_servers import TwoServers
from tests.servers.running_server import RunningServer

KNOWN_NUMBER, KNOWN_NAME = "+12025550143", "Maria Lopes"


@pytest.fixture(scope="module")
def neighbour(cluster: TwoServers) -> Iterator[RunningServer]:
    """Another process that answers for the address of server A."""
    with cluster.third(cluster.a.base_url) as server:
        yield server


@pytest.fixture
def split(cluster: TwoServers, neighbour: RunningServer) -> Target:
    """Webhooks go to A, sockets to its neighbour."""
    return replace(cluster.a.target, socket_base_url=neighbour.base_url)


def test_the_call_is_greeted_and_the_caller_called_by_name(
    cluster: TwoServers, split: Target, tmp_path: Path
) -> None:
    cluster.sql(
        "INSERT INTO customers_customer (name, phone, language, status, notes, created_at) "
        "VALUES (%s, %s, 'en', 'active', '', now()) ON CONFLICT DO NOTHING",
        KNOWN_NAME,
        KNOWN_NUMBER,
    )
    heard = call(
        split,
        tmp_path,
        WaitForAgent("finished"),
        Speak("ask-hours"),
        WaitForAgent("finished"),
        HangUp(),
        from_number=KNOWN_NUMBER,
    )
    assert heard.report.first_audio_ms is not None and heard.report.first_audio_ms < 500
    record = cluster.installation.record(heard.report.call_sid)
    assert record["customer"] == KNOWN_NAME
    assert "Maria" in record["transcript"][2]["text"]


async def test_a_token_lets_one_socket_in_wherever_it_is_used(
    split: Target, cluster: TwoServers
) -> None:
    """Ten at once, at both processes: one is greeted, and nine are refused."""
    identity = CallIdentity("+12025550100", "+12025550199", cluster.a.target.account_sid)
    async with ClientSession() as http:
        stream = (await place_call(http, cluster.a.target, identity)).stream()

    async def greeted(target: Target) -> bool:
        writer = MessageWriter(identity, f"MZ{token_hex(16)}")
        async with await open_stream(target, stream.url) as socket:
            await socket.send_text(CONNECTED)
            await socket.send_text(writer.start(dict(stream.parameters)))
            try:
                async with asyncio.timeout(5.0):
                    return '"media"' in str(await socket.receive())
            except TimeoutError:
                return False

    let_in = await asyncio.gather(
        *(greeted((split, cluster.a.target)[number % 2]) for number in range(10))
    )
    assert sorted(let_in) == [False] * 9 + [True]
