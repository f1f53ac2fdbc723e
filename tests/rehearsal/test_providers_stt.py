"""The speech-to-text stand-in: on the wire, and through Pipecat's own Cartesia service."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pipecat.frames.frames import (
    EndFrame,
    InputAudioRawFrame,
    TranscriptionFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.services.cartesia.stt import CartesiaSTTService
from pipecat.tests.utils import SleepFrame, run_test
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from rehearsal.caller.mulaw import decode
from rehearsal.providers.server import RunningProviders
from rehearsal.speech import lines
from tests.rehearsal.providers_rig import put, running, socket_url_of

QUERY = "model=ink-whisper&language=pt&encoding=pcm_s16le&sample_rate=8000"
KEY = {"X-API-Key": "offline"}
SILENCE = bytes(2 * 8_000)
FRAME_BYTES = 320


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


@asynccontextmanager
async def socket(
    providers: RunningProviders, query: str = QUERY, headers: dict[str, str] = KEY
) -> AsyncIterator[ClientConnection]:
    url = socket_url_of(providers, f"/stt/websocket?{query}")
    async with connect(url, additional_headers=headers) as connection, asyncio.timeout(10):
        yield connection


def pcm(name: str) -> bytes:
    return decode(lines()[name].audio).astype("<i2").tobytes()


async def say(connection: ClientConnection, *pieces: bytes) -> None:
    audio = b"".join(pieces)
    for start in range(0, len(audio), FRAME_BYTES):
        await connection.send(audio[start : start + FRAME_BYTES])


async def answers(connection: ClientConnection) -> list[dict[str, object]]:
    """Up to `flush_done` or `done`."""
    found = []
    while not found or found[-1]["type"] not in ("flush_done", "done", "error"):
        found.append(json.loads(await connection.recv()))
    return found


async def test_it_transcribes_what_was_said_before_finalize(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await say(connection, SILENCE, pcm("ask-hours"), SILENCE)
        await connection.send("finalize")
        transcript, flushed = await answers(connection)
    assert transcript["is_final"] is True
    assert transcript["text"].strip() == lines()["ask-hours"].text
    assert transcript["language"] == "pt"
    assert transcript["duration"] == pytest.approx(2 + lines()["ask-hours"].duration_ms / 1000)
    assert flushed["request_id"] == transcript["request_id"]


async def test_its_finals_are_deltas(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        texts = []
        for name in ("no", "goodbye"):
            await say(connection, pcm(name), SILENCE)
            await connection.send("finalize")
            texts += [found["text"] for found in await answers(connection) if "text" in found]
    assert "".join(texts).strip() == f"{lines()['no'].text} {lines()['goodbye'].text}"


async def test_it_says_nothing_of_silence(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await say(connection, SILENCE)
        await connection.send("finalize")
        assert [found["type"] for found in await answers(connection)] == ["flush_done"]


@pytest.mark.parametrize("command", ["done", "close", '"close"', '{"type": "close"}'])
async def test_it_ends_with_what_was_left(providers: RunningProviders, command: str) -> None:
    async with socket(providers) as connection:
        await say(connection, pcm("yes"))
        await connection.send(command)
        transcript, done = await answers(connection)
        assert transcript["text"].strip() == lines()["yes"].text
        assert done["type"] == "done"
        await connection.wait_closed()


async def test_it_keeps_a_minute_of_audio_at_most(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await say(connection, pcm("yes"))
        for _ in range(61):
            await connection.send(SILENCE)
        await connection.send("finalize")
        assert [found["type"] for found in await answers(connection)] == ["flush_done"]


async def test_it_takes_the_time_it_was_told_to(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/latency", {"stt_connect_ms": 120, "stt_final_ms": 150})
    started_at = time.monotonic()
    async with socket(providers) as connection:
        assert time.monotonic() - started_at >= 0.120
        await say(connection, pcm("yes"))
        started_at = time.monotonic()
        await connection.send("finalize")
        await answers(connection)
        assert time.monotonic() - started_at >= 0.150


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        (QUERY, {}, 401),
        (QUERY.replace("8000", "44100"), KEY, 400),
        (QUERY.replace("pcm_s16le", "pcm_mulaw"), KEY, 400),
        (QUERY.replace("model", "muddle"), KEY, 400),
    ],
)
async def test_it_refuses_as_cartesia_does(
    providers: RunningProviders, query: str, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with socket(providers, query, headers):
            pass
    assert caught.value.response.status_code == status


async def test_it_refuses_the_connection_when_told_to(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"stt": "refuse"})
    with pytest.raises(InvalidStatus) as caught:
        async with socket(providers):
            pass
    assert caught.value.response.status_code == 503


async def test_it_falls_silent_when_told_to(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"stt": "silent"})
    async with socket(providers) as connection:
        await say(connection, pcm("yes"))
        await connection.send("finalize")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.recv(), 0.2)


async def test_it_sends_an_error_when_told_to(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"stt": "error"})
    async with socket(providers) as connection:
        await say(connection, pcm("yes")[:FRAME_BYTES])
        (error,) = await answers(connection)
    assert error["type"] == "error"
    assert error["status_code"] == 500


async def test_it_logs_the_connection_and_each_command(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await say(connection, pcm("yes"))
        await connection.send("finalize")
        await answers(connection)
    opened, command = providers.log.entries("stt")
    assert (opened.kind, opened.path) == ("connect", "/stt/websocket")
    assert opened.query["language"] == "pt"
    assert (command.kind, command.body) == ("message", "finalize")


async def test_it_serves_pipecats_service(providers: RunningProviders) -> None:
    service = CartesiaSTTService(
        api_key="offline",
        base_url=socket_url_of(providers),
        sample_rate=8_000,
        settings=CartesiaSTTService.Settings(model="ink-whisper", language="en"),
    )
    audio = pcm("ask-hours") + SILENCE[:3_200]
    frames = [
        InputAudioRawFrame(audio[start : start + FRAME_BYTES], 8_000, 1)
        for start in range(0, len(audio), FRAME_BYTES)
    ]
    down, _up = await run_test(
        service,
        frames_to_send=[*frames, VADUserStoppedSpeakingFrame(), SleepFrame(0.5), EndFrame()],
        send_end_frame=False,
    )
    heard = [frame.text.strip() for frame in down if isinstance(frame, TranscriptionFrame)]
    assert heard == [lines()["ask-hours"].text]
