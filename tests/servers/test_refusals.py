"""What Daphne does with a socket that is refused; the whole-call tests run on uvicorn."""

import asyncio
from secrets import token_hex

from aiohttp import ClientSession

from rehearsal.caller import CONNECTED, CallIdentity, MediaStream, MessageWriter, open_stream
from rehearsal.caller.incoming_call import place_call
from rehearsal.caller.stream_messages import payload
from tests.servers.running_server import Installation, RunningServer, running
from tests.servers.test_servers import SERVERS


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


async def hostile(server: RunningServer) -> str:
    silent, late, token = await answered(server)
    wrong, other, _parameters = await answered(server)
    await wrong.send_text(other.start({"token": "guessed"}))
    assert await closed_within(wrong, 3.0) == 4008
    assert await closed_within(silent, 8.0) == 4008, "no start in time"
    await silent.send_text(late.start(token))

    flooding, writer, parameters = await answered(server)
    await flooding.send_text(writer.start(parameters))
    second_of_noise = payload(bytes(range(250)) * 32)
    for _ in range(1_500):
        await flooding.send_text(writer.media(second_of_noise))
    await flooding.reset()
    for socket in (silent, wrong):
        await socket.close()
    for _ in range(100):
        if await metric(server, "live_calls") == 0:
            break
        await asyncio.sleep(0.1)
    assert await metric(server, "live_calls") == 0, "nobody holds a seat"
    return writer.call.call_sid


def test_it_closes_what_it_refuses_and_outlives_a_flood(installation: Installation) -> None:
    with running(installation, *SERVERS["serve"]) as server:
        server.wait_until_ready()
        call_sid = asyncio.run(hostile(server))
        assert "Traceback" not in server.log.read_text()
    assert installation.record(call_sid)["ended_by"] == "error"
