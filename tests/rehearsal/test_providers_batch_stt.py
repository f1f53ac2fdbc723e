"""The stand-in for whole recordings: on the wire."""

import io
import wave
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, FormData

from rehearsal.caller.mulaw import decode
from rehearsal.providers.server import RunningProviders
from rehearsal.speech import lines
from tests.rehearsal.providers_rig import put, running, url_of

KEY = {"Authorization": "Bearer offline"}
LINE = lines()["ask-hours"]


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


def wav(pcm: bytes, *, rate: int = 8_000, channels: int = 1, width: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(pcm)
    return file.getvalue()


RECORDING = wav(decode(LINE.audio).astype("<i2").tobytes())


async def post(
    providers: RunningProviders,
    file: object = RECORDING,
    model: str = "ink-whisper",
    headers: dict[str, str] = KEY,
) -> tuple[int, dict[str, object]]:
    form = FormData({"model": model, "language": "en", "timestamp_granularities[]": "word"})
    if isinstance(file, bytes):
        form.add_field("file", file, filename="clip.wav", content_type="audio/wav")
    elif file is not None:
        form.add_field("file", file)
    async with (
        ClientSession(headers=headers) as http,
        http.post(url_of(providers, "/stt"), data=form) as response,
    ):
        return response.status, await response.json()


async def test_it_writes_down_a_whole_recording(providers: RunningProviders) -> None:
    status, answer = await post(providers)
    assert status == 200
    assert (answer["type"], answer["text"], answer["language"]) == ("transcript", LINE.text, "en")
    assert answer["duration"] == pytest.approx(LINE.duration_ms / 1000, abs=0.01)


async def test_it_invents_no_word_times(providers: RunningProviders) -> None:
    _status, answer = await post(providers)
    assert "words" not in answer


async def test_every_recording_is_heard_for_itself(providers: RunningProviders) -> None:
    answers = [await post(providers) for _ in range(2)]
    assert [answer["text"] for _status, answer in answers] == [LINE.text, LINE.text]


async def test_the_log_names_the_file_and_keeps_no_sound(providers: RunningProviders) -> None:
    await post(providers)
    (entry,) = providers.log.entries("stt", "request")
    assert entry.body == {
        "model": "ink-whisper",
        "language": "en",
        "timestamp_granularities[]": "word",
        "file": "clip.wav",
    }


@pytest.mark.parametrize(
    "file",
    [
        None,
        "no file",
        b"",
        b"no WAV",
        RECORDING[:20],
        wav(bytes(800), channels=2),
        wav(bytes(800), width=1),
        wav(bytes(2 * 121 * 100), rate=100),
    ],
)
async def test_it_refuses_what_it_cannot_hear(providers: RunningProviders, file: object) -> None:
    status, answer = await post(providers, file)
    assert status == 400
    assert answer["message"].endswith(".")


async def test_it_refuses_a_request_without_a_model(providers: RunningProviders) -> None:
    assert (await post(providers, model=""))[0] == 400


async def test_it_refuses_what_is_no_form(providers: RunningProviders) -> None:
    for content_type in (
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=a",
    ):
        headers = {**KEY, "Content-Type": content_type}
        async with (
            ClientSession(headers=headers) as http,
            http.post(url_of(providers, "/stt"), data=b"{}") as response,
        ):
            assert response.status == 400, content_type


@pytest.mark.parametrize(
    ("fault", "status"), [("refuse", 503), ("unauthorized", 401), ("limited", 429), ("error", 500)]
)
async def test_it_fails_when_told_to(providers: RunningProviders, fault: str, status: int) -> None:
    await put(providers, "/rehearsal/faults", {"stt": fault})
    assert (await post(providers))[0] == status


async def test_it_refuses_a_request_without_a_key(providers: RunningProviders) -> None:
    assert (await post(providers, headers={}))[0] == 401
