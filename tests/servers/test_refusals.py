"""What Daphne does with a socket that is refused; the whole-call tests run on uvicorn."""

import asyncio
import sqlite3
import time
from secrets import token_hex

from aiohttp import ClientSession, WSServerHandshakeError

from rehearsal.caller import (
    CONNECTED,
    CallIdentity,
    MediaStream,
    MessageWriter,
    open_stream,
)
from rehearsal.caller.incoming_call import place_call
from rehearsal.caller.stream_messages import payload
from tests.servers.running_server import Installation, RunningServer


async def answered(server: RunningServer) -> tuple[MediaStream, MessageWriter, dict[str, str]]:
    """A call whose socket is open; its writer, and what its `start` has to carry."""
    identity = CallIdentity("+12025550100", "+12025550199", server.target.account_sid)
    async with ClientSession() as http:
        verb = (await place_call(http, server.target, identity)).stream()
    socket = await open_stream(server.target, verb.url)
    writer = MessageWriter(identity, f"MZ{token_hex(16)}")
    await socket.send_text(CONNECTED)
    return socket, writer, dict(verb.parameters)


async def closed_within(socket: MediaStream, seconds: float) -> int | None:
    """The code the server closed with; None while it has not."""
    async with asyncio.timeout(seconds):
        while await socket.receive() is not None:
            pass
    return socket.close_code


async def metric(server: RunningServer, name: str) -> float:
    async with ClientSession() as http, http.get(f"{server.base_url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


async def refused_without_a_token(server: RunningServer) -> None:
    wrong, other, _parameters = await answered(server)
    await wrong.send_text(other.start({"token": "guessed"}))
    assert await closed_within(wrong, 5.0) == 4008
    await wrong.close()


async def refused_without_a_start(server: RunningServer) -> None:
    silent, late, token = await answered(server)
    assert await closed_within(silent, 10.0) == 4008
    await silent.send_text(late.start(token))
    await silent.close()


async def refused_for_its_flood(server: RunningServer) -> str:
    flooding, writer, parameters = await answered(server)
    await flooding.send_text(writer.start(parameters))
    second_of_noise = payload(bytes(range(250)) * 32)
    for _ in range(1_500):
        if not await flooding.send_text(writer.media(second_of_noise)):
            break
    # 1006: what was still on its way breaks the connection off before the close is read.
    assert await closed_within(flooding, 5.0) in {4008, 1006}
    await flooding.close()
    return writer.call.call_sid


async def lost_half_open(server: RunningServer) -> str:
    """The connection stands, and nobody sends, reads, or agrees to a close."""
    dead, writer, parameters = await answered(server)
    await dead.send_text(writer.start(parameters))
    await asyncio.sleep(9.0)
    await dead.reset()
    return writer.call.call_sid


async def stopped_and_left_open(server: RunningServer) -> str:
    open_still, writer, parameters = await answered(server)
    await open_still.send_text(writer.start(parameters))
    await open_still.send_text(writer.stop())
    assert await closed_within(open_still, 5.0) == 1000
    await open_still.close()
    return writer.call.call_sid


async def oversize(server: RunningServer) -> str:
    """Daphne drops the connection before the application sees anything."""
    big, writer, parameters = await answered(server)
    await big.send_text(writer.start(parameters))
    await big.send_text(writer.media("A" * 70_000))
    assert await closed_within(big, 5.0) not in {None, 1000}
    await big.close()
    return writer.call.call_sid


async def hostile(server: RunningServer) -> list[str]:
    _, _, *call_sids = await asyncio.gather(
        refused_without_a_token(server),
        refused_without_a_start(server),
        refused_for_its_flood(server),
        lost_half_open(server),
        oversize(server),
        stopped_and_left_open(server),
    )
    assert await metric(server, "live_calls") == 0, "nobody holds a seat"
    return list(call_sids)


def ended_by(installation: Installation, call_sid: str) -> str:
    """Rows are written behind the call."""
    for _ in range(100):
        with sqlite3.connect(installation.folder / "db.sqlite3") as database:
            asked = "SELECT ended_by FROM calls_call WHERE call_sid = ?"
            found = database.execute(asked, [call_sid]).fetchone()
        if found and found[0]:
            return str(found[0])
        time.sleep(0.1)
    return "nobody"


def test_it_closes_what_it_refuses_and_outlives_it(
    installation: Installation, serving: RunningServer
) -> None:
    call_sids = asyncio.run(hostile(serving))
    assert "Traceback" not in serving.log.read_text()
    enders = [ended_by(installation, call_sid) for call_sid in call_sids]
    assert enders == ["error", "error", "error", "caller"]


async def refused_statuses(server: RunningServer, *paths: str) -> list[int]:
    statuses = []
    for path in paths:
        try:
            async with ClientSession() as http:
                await http.ws_connect(server.base_url + path)
        except WSServerHandshakeError as refused:
            statuses.append(refused.status)
    return statuses


async def test_it_refuses_sockets_at_other_paths_without_a_traceback(
    serving: RunningServer,
) -> None:
    paths = ("/", "/media-stream/", "/admin", "/%ff", "/x?token=a")
    assert await refused_statuses(serving, *paths) == [403] * len(paths)
    log = serving.log.read_text()
    assert "Traceback" not in log and "ERROR" not in log
