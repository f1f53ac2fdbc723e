"""The text-to-speech stand-in: on the wire, and through Pipecat's own Cartesia service."""

import asyncio
import base64
import io
import json
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession
from pipecat.frames.frames import (
    EndFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.services.cartesia.tts import CartesiaTTSService
from pipecat.tests.utils import SleepFrame, run_test
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from rehearsal.providers.server import RunningProviders
from tests.rehearsal.providers_rig import put, running, socket_url_of, url_of

KEY = {"X-API-Key": "offline"}
SENTENCE = "Of course, Maria."
MESSAGE = {
    "transcript": SENTENCE,
    "continue": False,
    "context_id": "one",
    "model_id": "sonic-3",
    "voice": {"mode": "id", "id": "a voice"},
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8_000},
    "add_timestamps": True,
    "max_buffer_delay_ms": 0,
    "language": "en",
}


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


@asynccontextmanager
async def socket(
    providers: RunningProviders, headers: dict[str, str] = KEY
) -> AsyncIterator[ClientConnection]:
    url = socket_url_of(providers, "/tts/websocket")
    async with connect(url, additional_headers=headers) as connection, asyncio.timeout(10):
        yield connection


async def send(connection: ClientConnection, **changes: object) -> None:
    await connection.send(json.dumps({**MESSAGE, **changes}))


async def until_done(connection: ClientConnection, count: int = 1) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    while sum(bool(message["done"]) for message in found) < count:
        found.append(json.loads(await connection.recv()))
    return found


def audio_of(messages: list[dict[str, object]]) -> bytes:
    chunks = [message["data"] for message in messages if message["type"] == "chunk"]
    return b"".join(base64.b64decode(chunk) for chunk in chunks)


def words_of(messages: list[dict[str, object]]) -> list[tuple[str, float, float]]:
    times = [message["word_timestamps"] for message in messages if "word_timestamps" in message]
    return [
        word
        for time in times
        for word in zip(time["words"], time["start"], time["end"], strict=True)
    ]


def types_of(messages: list[dict[str, object]]) -> list[object]:
    """Without repetitions."""
    types = [message["type"] for message in messages]
    return [kind for kind, before in zip(types, [None, *types], strict=False) if kind != before]


async def test_it_speaks_a_transcript(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await send(connection)
        messages = await until_done(connection)
    assert types_of(messages) == ["timestamps", "chunk", "flush_done", "done"]
    assert {message["context_id"] for message in messages} == {"one"}
    seconds = len(audio_of(messages)) / 16_000
    assert seconds == pytest.approx(0.060 * (len(SENTENCE) + 1), abs=0.02)
    chunk_seconds = {len(base64.b64decode(m["data"])) / 16_000 for m in messages if "data" in m}
    assert max(chunk_seconds) <= 0.100


async def test_its_word_times_cover_the_audio(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await send(connection, transcript="Of course, Maria. We are open.")
        messages = await until_done(connection)
    words = words_of(messages)
    assert [word for word, _start, _end in words] == [*SENTENCE.split(), "We", "are", "open."]
    ends = [end for _word, _start, end in words]
    assert [start for _word, start, _end in words] == [0.0, *ends[:-1]]
    assert ends[-1] == pytest.approx(len(audio_of(messages)) / 16_000, abs=0.01)


async def test_word_times_run_on_over_a_context(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await send(connection, **{"continue": True})
        await send(connection, transcript="We are open.", **{"continue": True})
        await send(connection, transcript="")
        messages = await until_done(connection)
    words = words_of(messages)
    assert [word for word, _start, _end in words] == [*SENTENCE.split(), "We", "are", "open."]
    assert words[3][1] == words[2][2] > 0
    flushes = [m["flush_id"] for m in messages if m["type"] == "flush_done"]
    assert flushes == [1, 2]


async def test_it_sends_no_word_times_unless_asked(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await send(connection, add_timestamps=False)
        assert types_of(await until_done(connection)) == ["chunk", "flush_done", "done"]


async def test_it_gathers_tokens_into_sentences(providers: RunningProviders) -> None:
    tokens = ["Of", " course", ", Maria", ".", " We", " are", " open"]
    async with socket(providers) as connection:
        for token in tokens:
            changes = {"continue": True, "max_buffer_delay_ms": 3_000}
            await send(connection, transcript=token, **changes)
        await send(connection, transcript="", max_buffer_delay_ms=3_000)
        messages = await until_done(connection)
    spoken = [m["word_timestamps"]["words"] for m in messages if m["type"] == "timestamps"]
    assert spoken == [["Of", "course,", "Maria."], ["We", "are", "open"]]


async def test_it_speaks_what_it_has_when_the_buffer_delay_is_over(
    providers: RunningProviders,
) -> None:
    async with socket(providers) as connection:
        await send(connection, transcript="Of", max_buffer_delay_ms=50, **{"continue": True})
        first = json.loads(await connection.recv())
    assert first["word_timestamps"]["words"] == ["Of"]


async def test_without_a_buffer_delay_each_transcript_is_spoken_for_itself(
    providers: RunningProviders,
) -> None:
    async with socket(providers) as connection:
        await send(connection, transcript="Of course", **{"continue": True})
        await send(connection, transcript="we are", **{"continue": True})
        await send(connection, transcript="")
        messages = await until_done(connection)
    spoken = [m["word_timestamps"]["words"] for m in messages if m["type"] == "timestamps"]
    assert spoken == [["Of", "course"], ["we", "are"]]
    assert [m["flush_id"] for m in messages if m["type"] == "flush_done"] == [1, 2]


async def test_it_speaks_at_once_when_flushed(providers: RunningProviders) -> None:
    changes = {"continue": True, "max_buffer_delay_ms": 5_000}
    async with socket(providers) as connection:
        await send(connection, transcript="Of", **changes)
        await send(connection, transcript="", flush=True, **changes)
        messages = [json.loads(await connection.recv()) for _ in range(3)]
        while messages[-1]["type"] != "flush_done":
            messages.append(json.loads(await connection.recv()))
    assert words_of(messages)[0][0] == "Of"


async def test_a_cancelled_context_falls_silent_and_others_go_on(
    providers: RunningProviders,
) -> None:
    await put(providers, "/rehearsal/latency", {"tts_first_audio_ms": 100})
    async with socket(providers) as connection:
        await send(connection, context_id="cancelled")
        await send(connection, context_id="kept")
        await connection.send(json.dumps({"context_id": "cancelled", "cancel": True}))
        messages = await until_done(connection)
    spoken = {m["context_id"] for m in messages if m["type"] in ("chunk", "done")}
    assert spoken == {"kept"}


async def test_a_context_can_be_used_again_after_its_end(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await send(connection)
        await until_done(connection)
        await send(connection)
        assert words_of(await until_done(connection))[0] == ("Of", 0.0, pytest.approx(0.18))


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100])
async def test_it_speaks_at_the_rate_asked_for(providers: RunningProviders, rate: int) -> None:
    async with socket(providers) as connection:
        await send(connection, output_format={**MESSAGE["output_format"], "sample_rate": rate})
        messages = await until_done(connection)
    assert len(audio_of(messages)) / 2 / rate == pytest.approx(1.08, abs=0.02)


@pytest.mark.parametrize(
    ("changes", "has_context"),
    [
        ({"context_id": None}, False),
        ({"transcript": None}, True),
        ({"model_id": None}, True),
        ({"voice": None}, True),
        ({"output_format": None}, True),
        ({"output_format": {**MESSAGE["output_format"], "encoding": "pcm_f32le"}}, True),
        ({"output_format": {**MESSAGE["output_format"], "sample_rate": 4_000}}, True),
        ({"max_buffer_delay_ms": 60_000}, True),
    ],
)
async def test_it_refuses_nonsense_as_cartesia_does(
    providers: RunningProviders, changes: dict[str, object], has_context: bool
) -> None:
    async with socket(providers) as connection:
        await send(connection, **changes)
        (error,) = await until_done(connection)
        assert (error["type"], error["status_code"]) == ("error", 400)
        assert ("context_id" in error) is has_context
        await connection.send("no JSON")
        assert (await until_done(connection))[0]["type"] == "error"
        await send(connection)
        assert types_of(await until_done(connection))[-1] == "done"


async def test_it_takes_the_time_it_was_told_to(providers: RunningProviders) -> None:
    latency = {"tts_connect_ms": 120, "tts_first_audio_ms": 150}
    await put(providers, "/rehearsal/latency", latency)
    started_at = time.monotonic()
    async with socket(providers) as connection:
        assert time.monotonic() - started_at >= 0.120
        started_at = time.monotonic()
        await send(connection)
        message = json.loads(await connection.recv())
        while message["type"] != "chunk":
            message = json.loads(await connection.recv())
        assert time.monotonic() - started_at >= 0.150


@pytest.mark.parametrize(
    ("fault", "headers", "status"),
    [("refuse", KEY, 503), ("unauthorized", KEY, 401), ("limited", KEY, 429), (None, {}, 401)],
)
async def test_it_refuses_a_connection(
    providers: RunningProviders, fault: str | None, headers: dict[str, str], status: int
) -> None:
    await put(providers, "/rehearsal/faults", {"tts": fault})
    with pytest.raises(InvalidStatus) as caught:
        async with socket(providers, headers):
            pass
    assert caught.value.response.status_code == status


async def test_it_falls_silent_when_told_to(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"tts": "silent"})
    async with socket(providers) as connection:
        await send(connection)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.recv(), 0.2)


async def test_it_sends_an_error_when_told_to(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"tts": "error"})
    async with socket(providers) as connection:
        await send(connection)
        (error,) = await until_done(connection)
    assert (error["type"], error["status_code"], error["context_id"]) == ("error", 500, "one")


async def test_it_logs_every_message(providers: RunningProviders) -> None:
    async with socket(providers) as connection:
        await send(connection, language="pt-BR")
        await until_done(connection)
    opened, message = providers.log.entries("tts")
    assert opened.kind == "connect"
    assert message.body["language"] == "pt-BR"


@pytest.mark.parametrize("container", ["raw", "wav"])
async def test_it_speaks_a_whole_text_in_one_request(
    providers: RunningProviders, container: str
) -> None:
    body = {**MESSAGE, "output_format": {**MESSAGE["output_format"], "container": container}}
    async with (
        ClientSession(headers=KEY) as http,
        http.post(url_of(providers, "/tts/bytes"), json=body) as response,
    ):
        assert response.status == 200
        audio = await response.read()
    if container == "wav":
        with wave.open(io.BytesIO(audio)) as reader:
            assert (reader.getframerate(), reader.getnchannels()) == (8_000, 1)
            audio = reader.readframes(reader.getnframes())
    assert len(audio) / 16_000 == pytest.approx(1.08, abs=0.02)


async def test_it_serves_pipecats_service(providers: RunningProviders) -> None:
    service = CartesiaTTSService(
        api_key="offline",
        url=socket_url_of(providers, "/tts/websocket"),
        sample_rate=8_000,
        settings=CartesiaTTSService.Settings(model="sonic-3", voice="a voice", language="en"),
    )
    frames = [TTSSpeakFrame(SENTENCE), SleepFrame(1.0), EndFrame()]
    down, _up = await run_test(service, frames_to_send=frames, send_end_frame=False)
    kinds = [type(frame) for frame in down]
    assert kinds.index(TTSStartedFrame) < kinds.index(TTSAudioRawFrame)
    assert TTSStoppedFrame in kinds
    words = [frame.text for frame in down if isinstance(frame, TTSTextFrame)]
    assert " ".join(words).split() == SENTENCE.split()
    audio = b"".join(frame.audio for frame in down if isinstance(frame, TTSAudioRawFrame))
    assert len(audio) / 16_000 == pytest.approx(1.08, abs=0.02)
