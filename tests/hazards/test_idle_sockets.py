"""Thousands of sockets that say nothing, at the door of `manage.py serve`."""

import asyncio
import logging
import time

from rehearsal.caller import CallReport, CallScript, HangUp, Hear, SimulatedCaller
from rehearsal.caller.webhooks import signature
from tests.servers.raw_http import connected, head, memory_mib
from tests.servers.running_server import RunningServer

logger = logging.getLogger(__name__)

SOCKETS = 2_000
WITHIN_SECONDS = 9.0  # 6 on a machine that has nothing else to do
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


async def idle(server: RunningServer, request: bytes) -> tuple[bytes, float]:
    """Opens, says this and no more. The status it got, and how long it was kept after that."""
    async with connected(server) as connection:
        began = time.monotonic()
        await connection.send(request)
        answer = b""
        if request:
            answer = await connection.first_answer()
            began = time.monotonic()
        await connection.answer(within_seconds=30.0)
        return answer[9:12], time.monotonic() - began


async def a_call(server: RunningServer, after_seconds: float) -> CallReport:
    await asyncio.sleep(after_seconds)
    script = CallScript("test", (Hear(0.3), HangUp()), limit_seconds=20.0)
    return await SimulatedCaller(server.target).call(script)


async def beside_calls(
    server: RunningServer, request: bytes
) -> tuple[list[tuple[bytes, float]], list[CallReport]]:
    kept, calls = await asyncio.gather(
        asyncio.gather(*(idle(server, request) for _ in range(SOCKETS))),
        asyncio.gather(*(a_call(server, 2.0 + number) for number in range(3))),
    )
    return list(kept), list(calls)


async def test_h38_2000_sockets_that_do_not_start_are_soon_gone(
    serving: RunningServer,
) -> None:
    url = serving.base_url.replace("http", "ws", 1) + "/media-stream"
    signed = f"X-Twilio-Signature: {signature(serving.target, url, {})}"
    refused, calls = await beside_calls(serving, head("GET", "/media-stream", *UPGRADE))
    assert {status for status, _seconds in refused} <= {b"403", b""}
    assert all(call.ok for call in calls), [call.failures for call in calls]
    before = memory_mib(serving)  # Python keeps what 2,000 at once took, 55 MiB, for the next
    kept, calls = await beside_calls(serving, head("GET", "/media-stream", *UPGRADE, signed))
    after, longest = memory_mib(serving), max(seconds for _status, seconds in kept)
    accepted = [status for status, _seconds in kept].count(b"101")
    logger.info(
        "%d of %d were let in, the last was gone after %.1f s, memory %.0f to %.0f MiB; calls: %s",
        *(accepted, SOCKETS, longest, before, after),
        [f"webhook {it.webhook_ms:.0f} ms, first audio {it.first_audio_ms:.0f} ms" for it in calls],
    )
    assert 64 <= accepted < SOCKETS / 2
    assert {status for status, _seconds in kept} <= {b"101", b"503", b""}
    assert longest < WITHIN_SECONDS
    assert after - before < 20.0
    assert all(call.ok for call in calls), [call.failures for call in calls]


async def test_2000_connections_without_a_request_are_soon_gone(
    serving: RunningServer,
) -> None:
    before = memory_mib(serving)
    kept, calls = await beside_calls(serving, b"")
    assert max(seconds for _status, seconds in kept) < WITHIN_SECONDS
    assert all(call.ok for call in calls), [call.failures for call in calls]
    assert memory_mib(serving) - before < 20.0
