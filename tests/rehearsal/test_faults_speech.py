"""What can go wrong with ears and voice, on the sockets that Pipecat's services use."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import ClientSession
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from rehearsal.providers.server import RunningProviders
from tests.rehearsal.providers_rig import put, running, socket_url_of, url_of
from tests.rehearsal.test_providers_stt import SILENCE, pcm, say

KEY = {"X-API-Key": "offline"}
PATHS = {
    "stt": "/stt/websocket?model=ink&language=en&encoding=pcm_s16le&sample_rate=8000",
    "tts": "/tts/websocket",
}
REQUEST = {
    "transcript": "Of course, Maria.",
    "context_id": "one",
    "model_id": "sonic-3",
    "voice": {"mode": "id", "id": "anna"},
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8_000},
    "max_buffer_delay_ms": 0,
}


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


def socket(providers: RunningProviders, provider: str) -> connect:
    return connect(socket_url_of(providers, PATHS[provider]), additional_headers=KEY)


async def speak(connection: ClientConnection, **changes: object) -> None:
    await connection.send(json.dumps({**REQUEST, **changes}))


async def chunks_until_done(connection: ClientConnection) -> int:
    found = []
    while not (found and found[-1]["done"]):
        found.append(json.loads(await asyncio.wait_for(connection.recv(), 5)))
    assert found[-1]["type"] == "done", found[-1]
    return sum(message["type"] == "chunk" for message in found)


async def ask_hours(connection: ClientConnection) -> str:
    """The transcript of one line."""
    await say(connection, SILENCE, pcm("ask-hours"), SILENCE)
    await connection.send("finalize")
    transcript = json.loads(await asyncio.wait_for(connection.recv(), 5))
    assert json.loads(await asyncio.wait_for(connection.recv(), 5))["type"] == "flush_done"
    return str(transcript["text"])


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("provider", ["stt", "tts"])
@pytest.mark.parametrize(
    ("fault", "status"), [("limited", 429), ("error500", 500), ("refuse", 503)]
)
async def test_the_first_connection_is_refused_and_the_second_is_not(
    providers: RunningProviders, provider: str, fault: str, status: int
) -> None:
    await put(providers, "/rehearsal/faults", {provider: {"fault": fault, "times": 1}})
    with pytest.raises(InvalidStatus) as caught:
        async with socket(providers, provider):
            pass
    assert caught.value.response.status_code == status
    async with socket(providers, provider) as connection:
        await connection.ping()


async def test_the_sixth_socket_gets_429(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"tts": {"most": 5}})
    async with AsyncExitStack() as stack:
        five = [await stack.enter_async_context(socket(providers, "tts")) for _ in range(5)]
        with pytest.raises(InvalidStatus) as caught:
            await stack.enter_async_context(socket(providers, "tts"))
        assert caught.value.response.status_code == 429
        assert json.loads(caught.value.response.body)["error_code"] == "concurrency_limited"
        await five[0].close()
        await until(lambda: providers.backstage.traffic.open == {"tts": 4})
        await stack.enter_async_context(socket(providers, "tts"))
    await until(lambda: providers.backstage.traffic.open == {})


async def test_it_tells_over_http_what_is_open(providers: RunningProviders) -> None:
    async def tell(method: str = "GET") -> dict[str, dict[str, int]]:
        async with ClientSession() as http:
            response = await http.request(method, url_of(providers, "/rehearsal/open"))
            return await response.json()

    async with socket(providers, "tts"), socket(providers, "stt"):
        told = await tell()
    assert {name: line["open"] for name, line in told.items()} == {
        "stt": 1,
        "tts": 1,
        "llm": 0,
        "twilio": 0,
        "supabase": 0,
    }
    await until(lambda: providers.backstage.traffic.open == {})
    assert (await tell())["tts"]["came"] == 1
    await tell("DELETE")
    assert (await tell())["tts"]["came"] == 0


async def test_a_client_that_breaks_off_is_not_counted_any_more(
    providers: RunningProviders,
) -> None:
    connection = await socket(providers, "tts")
    await until(lambda: providers.backstage.traffic.open == {"tts": 1})
    connection.transport.abort()
    await until(lambda: providers.backstage.traffic.open == {})


# The voice ------------------------------------------------------------------


async def test_the_voices_socket_breaks_off_after_some_audio(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"tts": {"fault": "drop", "after": 3, "times": 1}})
    async with socket(providers, "tts") as connection:
        await speak(connection)
        with pytest.raises(ConnectionClosedError) as caught:
            await chunks_until_done(connection)
        assert (caught.value.rcvd, caught.value.sent) == (None, None), "no word of farewell"
    async with socket(providers, "tts") as connection:
        await speak(connection)
        assert await chunks_until_done(connection) > 3


async def test_so_many_chunks_come_before_the_voice_breaks_off(
    providers: RunningProviders,
) -> None:
    await put(providers, "/rehearsal/faults", {"tts": {"fault": "drop", "after": 2}})
    kinds = []
    async with socket(providers, "tts") as connection:
        await speak(connection)
        with pytest.raises(ConnectionClosedError):
            while True:
                kinds.append(json.loads(await connection.recv())["type"])
    assert kinds == ["chunk", "chunk"]


async def test_the_voices_first_audio_is_late(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"tts": {"fault": "slow", "ms": 150}})
    async with socket(providers, "tts") as connection:
        began = time.monotonic()
        await speak(connection)
        await connection.recv()
        assert time.monotonic() - began >= 0.15


async def test_one_context_falls_silent_and_the_next_is_spoken(
    providers: RunningProviders,
) -> None:
    await put(providers, "/rehearsal/faults", {"tts": {"fault": "silent", "times": 1}})
    async with socket(providers, "tts") as connection:
        await speak(connection, **{"continue": True})
        await speak(connection)
        await speak(connection, context_id="two")
        message = json.loads(await connection.recv())
        assert message["context_id"] == "two"


@pytest.mark.parametrize(("fault", "status"), [("refuse", 503), ("limited", 429), ("error", 500)])
async def test_only_one_voice_is_broken(
    providers: RunningProviders, fault: str, status: int
) -> None:
    await put(providers, "/rehearsal/faults", {"tts": {"fault": fault, "voice": "anna"}})
    async with socket(providers, "tts") as connection:
        await speak(connection)
        error = json.loads(await connection.recv())
        assert (error["type"], error["status_code"], error["context_id"]) == (
            "error",
            status,
            "one",
        )
        await speak(connection, context_id="two", voice={"mode": "id", "id": "bruno"})
        assert await chunks_until_done(connection) > 3


async def test_the_voice_sends_what_makes_no_sense(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"tts": {"fault": "garbage", "times": 1}})
    async with socket(providers, "tts") as connection:
        await speak(connection)
        found = [await connection.recv() for _ in range(4)]
        assert json.loads(found[0])["data"] == 5
        assert json.loads(found[1]) == [7]
        with pytest.raises(ValueError):
            json.loads(found[2])
        assert isinstance(found[3], bytes)
        await speak(connection, context_id="two")
        assert await chunks_until_done(connection) > 3


@pytest.mark.parametrize("path", ["/tts/bytes", "/tts/sse"])
async def test_a_text_spoken_in_one_request_breaks_off(
    providers: RunningProviders, path: str
) -> None:
    await put(providers, "/rehearsal/faults", {"tts": {"fault": "drop", "voice": "anna"}})
    async with ClientSession(headers=KEY) as http:
        async with http.post(url_of(providers, path), json=REQUEST) as response:
            assert response.status == 200
            with pytest.raises(Exception, match="(?i)payload|closed|reset|disconnected"):
                await response.read()
        other = {**REQUEST, "voice": {"mode": "id", "id": "bruno"}}
        async with http.post(url_of(providers, path), json=other) as response:
            assert len(await response.read()) > 1_000


# The ears -------------------------------------------------------------------


async def test_the_ears_socket_breaks_off_after_a_transcript(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"stt": {"fault": "drop", "times": 1}})
    async with socket(providers, "stt") as connection:
        assert "opening hours" in await ask_hours(connection)
        with pytest.raises(ConnectionClosedError) as caught:
            for _ in range(100):
                await connection.send(bytes(320))
                await asyncio.sleep(0.005)
        assert (caught.value.rcvd, caught.value.sent) == (None, None)
    async with socket(providers, "stt") as connection:
        assert await ask_hours(connection)
        assert await ask_hours(connection)


async def test_a_socket_that_is_open_breaks_off_once_it_is_told_to(
    providers: RunningProviders,
) -> None:
    async with socket(providers, "stt") as connection:
        await ask_hours(connection)
        await put(providers, "/rehearsal/faults", {"stt": {"fault": "drop", "after": 0}})
        await connection.send(bytes(320))
        with pytest.raises(ConnectionClosedError):
            await asyncio.wait_for(connection.recv(), 5)


async def test_the_transcript_is_late(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"stt": {"fault": "slow", "ms": 150}})
    async with socket(providers, "stt") as connection:
        await say(connection, pcm("ask-hours"))
        began = time.monotonic()
        await connection.send("finalize")
        await connection.recv()
        assert time.monotonic() - began >= 0.15


async def test_the_ears_send_what_makes_no_sense(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"stt": {"fault": "garbage"}})
    async with socket(providers, "stt") as connection:
        await say(connection, pcm("ask-hours"))
        await connection.send("finalize")
        assert json.loads(await connection.recv())["is_final"] == "no"
        await put(providers, "/rehearsal/faults", {})
        assert [await connection.recv() for _ in range(3)]
        assert await ask_hours(connection)


async def test_only_one_model_of_the_ears_is_refused(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"stt": {"fault": "refuse", "model": "ink"}})
    with pytest.raises(InvalidStatus):
        async with socket(providers, "stt"):
            pass
    other = PATHS["stt"].replace("model=ink", "model=nova")
    async with connect(socket_url_of(providers, other), additional_headers=KEY) as connection:
        await connection.ping()
