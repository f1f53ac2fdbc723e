"""The raw socket: for tests that send what Twilio never would."""

import asyncio
import json

import pytest
from aiohttp import WSMsgType

from rehearsal.caller import (
    CONNECTED,
    CallFailed,
    CallIdentity,
    HandshakeRefused,
    MessageWriter,
    Target,
    open_stream,
)
from tests.rehearsal.fake_server import ACCOUNT_SID, FakeServer, Socket, running

URL = "wss://voice.example.org/media-stream"
SID = "MZ" + "2" * 32


def writer() -> MessageWriter:
    return MessageWriter(CallIdentity("+351200000001", "+351200000000", ACCOUNT_SID), SID)


async def test_it_sends_and_receives_whatever_it_is_given():
    frames = []

    async def echo(socket: Socket) -> None:
        async for message in socket.ws:
            frames.append((message.type, message.data))
            await socket.ws.send_str("got it")

    async with running(FakeServer(echo)) as server, await open_stream(server.target(), URL) as raw:
        assert await raw.send_text(CONNECTED)
        assert await raw.send_text(writer().start({}))
        assert await raw.send_text("[[[")
        assert await raw.receive(5) == "got it"
        assert await raw.send_binary(b"\x00")
        assert await raw.receive(5) == "got it"
        with pytest.raises(TimeoutError):
            await raw.receive(0.05)
    assert frames == [(WSMsgType.TEXT, "[[["), (WSMsgType.BINARY, b"\x00")]


@pytest.mark.parametrize("upgrade_signature", ["", "bm90IGl0"])
async def test_it_tells_when_the_upgrade_was_refused(upgrade_signature):
    server = FakeServer(lambda socket: socket.drain())
    async with running(server):
        with pytest.raises(HandshakeRefused) as refused:
            await open_stream(server.target(), URL, upgrade_signature=upgrade_signature)
    assert refused.value.status == 403


async def test_it_tells_when_nobody_listens():
    target = Target("http://127.0.0.1:9", "https://voice.example.org", None, ACCOUNT_SID, "t")
    with pytest.raises(CallFailed, match="could not be reached"):
        await open_stream(target, URL)


async def test_it_notices_that_the_server_closed():
    async def closing(socket: Socket) -> None:
        await socket.ws.close(code=1008)

    async with (
        running(FakeServer(closing)) as server,
        await open_stream(server.target(), URL) as raw,
    ):
        await raw.send_text(CONNECTED)
        await raw.send_text(writer().start({}))
        assert await raw.receive(5) is None
        assert raw.close_code == 1008
        assert not await raw.send_text("too late")


async def test_a_reset_reaches_the_server_without_a_closing_handshake():
    seen = asyncio.get_running_loop().create_future()

    async def watching(socket: Socket) -> None:
        try:
            message = await socket.ws.receive()
        except asyncio.CancelledError:  # the tiny server drops a handler whose peer is gone
            seen.set_result(None)
        else:
            seen.set_result(message.type)

    async with running(FakeServer(watching)) as server:
        raw = await open_stream(server.target(), URL)
        await raw.send_text(CONNECTED)
        start = writer().start({"token": "t"})
        assert json.loads(start)["start"]["customParameters"] == {"token": "t"}
        await raw.send_text(start)
        await asyncio.sleep(0.05)  # a reset throws away what the server has not read yet
        await raw.reset()
        assert await asyncio.wait_for(seen, 5) in (None, WSMsgType.CLOSED, WSMsgType.ERROR)
