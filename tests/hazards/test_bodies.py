"""Bodies that are too large, and requests that are too slow, against `manage.py serve`."""

import asyncio
import time

import pytest

from tests.servers.raw_http import MEBIBYTE, connected, head, memory_mib
from tests.servers.running_server import RunningServer

CHUNK = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
BOMB = 300 * MEBIBYTE
SESSION = "Cookie: sessionid=made-up"
PATHS = {
    "a webhook": ("/incoming-call", ()),
    "the login": ("/admin/login/", ()),
    "nothing at all": ("/nowhere", ()),
    "an upload": ("/admin/catalog/clip/add/", (SESSION,)),
}


async def post_declared(server: RunningServer, path: str, headers: tuple[str, ...]) -> bytes:
    """Says how long its body is, and sends as much of it as is taken."""
    async with connected(server) as connection:
        await connection.send(head("POST", path, f"Content-Length: {BOMB}", *headers))
        sending = asyncio.create_task(send_all(connection.send, b"x" * MEBIBYTE, 300))
        answer = await connection.answer()
        await sending
        return answer


async def post_chunked(server: RunningServer, path: str, headers: tuple[str, ...]) -> bytes:
    async with connected(server) as connection:
        await connection.send(head("POST", path, "Transfer-Encoding: chunked", *headers))
        sending = asyncio.create_task(send_all(connection.send, CHUNK, 4_800))
        answer = await connection.answer()
        await sending
        return answer


async def send_all(send, piece: bytes, times: int) -> None:  # type: ignore[no-untyped-def]
    for _ in range(times):
        if not await send(piece):
            return


@pytest.mark.parametrize("post", [post_declared, post_chunked])
@pytest.mark.parametrize(("path", "headers"), PATHS.values(), ids=PATHS)
async def test_h42_a_body_of_300_mib_is_refused_and_takes_no_memory(
    serving: RunningServer, post, path: str, headers: tuple[str, ...]
) -> None:
    before = memory_mib(serving)
    answer = await post(serving, path, headers)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(b"The request is too large.\n")
    assert memory_mib(serving) - before < 20.0


async def test_no_body_is_asked_for_that_would_be_refused(serving: RunningServer) -> None:
    async with connected(serving) as connection:
        headers = (f"Content-Length: {BOMB}", "Expect: 100-continue")
        await connection.send(head("POST", "/incoming-call", *headers))
        answer = await connection.answer()
        assert answer.startswith(b"HTTP/1.1 413 ") and b"100 Continue" not in answer


@pytest.mark.parametrize(
    ("path", "size", "headers", "status"),
    [
        ("/incoming-call", 65_536, (), b"403"),
        ("/incoming-call", 65_537, (), b"413"),
        ("/admin/login/", 65_536, (), b"403"),
        ("/admin/login/", 65_537, (), b"413"),
        ("/admin/catalog/clip/add/", 10_485_760, (SESSION,), b"403"),
        ("/admin/catalog/clip/add/", 10_485_761, (SESSION,), b"413"),
    ],
)
async def test_a_body_that_is_just_small_enough_is_read(
    serving: RunningServer, path: str, size: int, headers: tuple[str, ...], status: bytes
) -> None:
    async with connected(serving) as connection:
        headers = (*headers, f"Content-Length: {size}", "Connection: close")
        await connection.send(head("POST", path, *headers) + b"x" * size)
        assert (await connection.answer()).split()[1] == status


async def test_a_connection_goes_on_after_a_request_that_is_well(serving: RunningServer) -> None:
    async with connected(serving) as connection:
        await connection.send(head("GET", "/healthz"))
        await asyncio.sleep(0.5)
        await connection.send(head("GET", "/healthz", "Connection: close"))
        assert (await connection.answer()).count(b"HTTP/1.1 200 OK") == 2


async def drip(server: RunningServer, beginning: bytes) -> float:
    """Sends a byte every half second. How many seconds it takes until that is ended."""
    async with connected(server) as connection:
        began = time.monotonic()
        await connection.send(beginning)
        while time.monotonic() - began < 30.0:
            if not await connection.send(b"x") or connection.reader.at_eof():
                break
            await asyncio.sleep(0.5)
        return time.monotonic() - began


async def say_nothing(server: RunningServer) -> float:
    """How many seconds it takes until that is ended."""
    async with connected(server) as connection:
        began = time.monotonic()
        assert await connection.answer(within_seconds=20.0) == b""
        return time.monotonic() - began


async def test_a_request_that_comes_byte_by_byte_is_ended(serving: RunningServer) -> None:
    body = ("Content-Length: 5000",)
    nothing, line, fields, form, upload = await asyncio.gather(
        say_nothing(serving),
        drip(serving, b"POST /incoming-call"),
        drip(serving, b"POST /incoming-call HTTP/1.1\r\nHost: x\r\nX-Slow: "),
        drip(serving, head("POST", "/incoming-call", *body)),
        drip(serving, head("POST", "/incoming-call", "Transfer-Encoding: chunked") + b"1388\r\n"),
    )
    assert max(nothing, line, fields) < 8.0
    assert max(form, upload) < 14.0
