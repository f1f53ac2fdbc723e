"""Frames that no application sees, at the door of `manage.py serve`: pings, and endless pieces."""

import asyncio
import logging
import statistics
import time
import urllib.request

import pytest

from rehearsal.caller.frames import text_frame
from rehearsal.caller.webhooks import signature
from tests.hazards.test_frames import CONTINUATION, TEXT, frame, piece
from tests.servers.raw_http import Connection, connected, head
from tests.servers.running_server import RunningServer
from tests.servers.test_refusals import answered, closed_within

logger = logging.getLogger(__name__)

PING = 0x9
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
FLOODS = {
    "pings": (b"", frame(PING, b"")),
    "long pings": (b"", frame(PING, b"x" * 125)),
    "empty pieces": (piece(TEXT, b""), piece(CONTINUATION, b"")),
    "tiny messages": (b"", text_frame("a")),
}


def upgrade(server: RunningServer, *headers: str) -> bytes:
    """With the signature that every stream has; whoever overhears one has it as well."""
    url = server.base_url.replace("http", "ws", 1) + "/media-stream"
    signed = f"X-Twilio-Signature: {signature(server.target, url, {})}"
    return head("GET", "/media-stream", *UPGRADE, signed, *headers)


async def flooded(connection: Connection, frames: bytes, most_seconds: float) -> float:
    """How long the server takes it."""
    began = time.monotonic()
    reading = asyncio.create_task(connection.answer(60.0))
    while time.monotonic() - began < most_seconds and await connection.send(frames * 200):
        await asyncio.sleep(0)
    reading.cancel()
    return time.monotonic() - began


async def answers_of_a_health_check(server: RunningServer, until: asyncio.Event) -> list[float]:
    """How long each took, in milliseconds."""
    took_ms = []
    while not until.is_set():
        began = time.monotonic()
        await asyncio.to_thread(urllib.request.urlopen, f"{server.base_url}/healthz", None, 30.0)
        took_ms.append((time.monotonic() - began) * 1_000.0)
        await asyncio.sleep(0.02)
    return took_ms


async def refusals(server: RunningServer, why: str) -> float:
    got = await asyncio.to_thread(urllib.request.urlopen, f"{server.base_url}/metrics", None, 30.0)
    lines = got.read().decode().splitlines()
    return next(
        float(line.split()[-1]) for line in lines if line.startswith(f'refusals_total{{why="{why}"')
    )


@pytest.mark.parametrize("flood", FLOODS)
async def test_it_cuts_off_a_flood_that_no_application_would_see(
    serving: RunningServer, flood: str
) -> None:
    first, again = FLOODS[flood]
    before = await refusals(serving, "too many frames") + await refusals(serving, "no start")
    async with connected(serving) as connection:
        await connection.send(upgrade(serving))
        assert (await connection.first_answer())[9:12] == b"101"
        await connection.send(first)
        assert await flooded(connection, again, 4.0) < 2.0
    after = await refusals(serving, "too many frames") + await refusals(serving, "no start")
    assert after > before


async def test_others_are_answered_while_somebody_floods_again_and_again(
    serving: RunningServer,
) -> None:
    """Before, one socket of pings made a health check take a second."""
    over = asyncio.Event()

    async def flood() -> None:
        deadline = time.monotonic() + 3.0
        while time.monotonic() < deadline:
            async with connected(serving) as connection:
                await connection.send(upgrade(serving))
                await flooded(connection, frame(PING, b""), 3.0)
            await asyncio.sleep(0.02)

    checking = asyncio.create_task(answers_of_a_health_check(serving, over))
    await asyncio.gather(*(flood() for _ in range(3)))
    over.set()
    took_ms = await checking
    logger.info("median %.0f ms, worst %.0f ms", statistics.median(took_ms), max(took_ms))
    assert statistics.median(took_ms) < 100.0


async def test_a_call_whose_network_is_late_goes_on(serving: RunningServer) -> None:
    socket, writer, parameters = await answered(serving)
    await socket.send_text(writer.start(parameters))
    await asyncio.sleep(2.0)
    for _ in range(100):
        assert await socket.send_text(writer.media("/" * 214 + "=="))
    for _ in range(5):
        assert socket.send_frame(frame(PING, b"here"))
    await socket.send_text(writer.stop())
    assert await closed_within(socket, 5.0) == 1000
    await socket.close()


async def test_a_subprotocol_that_is_no_text_is_a_bad_request(serving: RunningServer) -> None:
    for senseless in ("\xff\xfe", "\x80, a"):
        async with connected(serving) as connection:
            asked = upgrade(serving).decode() + f"Sec-WebSocket-Protocol: {senseless}\r\n\r\n"
            await connection.send(asked.replace("\r\n\r\nSec", "\r\nSec").encode("latin-1"))
            assert (await connection.first_answer())[9:12] == b"400"
    log = serving.log.read_text()
    assert "Traceback" not in log and "ERROR" not in log


async def test_a_stranger_gets_no_socket_of_the_live_page(serving: RunningServer) -> None:
    asked = head("GET", "/admin/calls/live", *UPGRADE, f"Origin: {serving.base_url}")
    for cookie in (b"", b"Cookie: sessionid=made-up\r\n"):
        async with connected(serving) as connection:
            await connection.send(asked[:-2] + cookie + b"\r\n")
            assert (await connection.first_answer())[9:12] == b"403"
