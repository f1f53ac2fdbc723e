"""The text-to-speech stand-in as server-sent events: on the wire."""

import base64
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from rehearsal.providers.server import RunningProviders
from rehearsal.providers.voices.voice import VoiceError
from tests.rehearsal.providers_rig import put, running, url_of

KEY = {"Authorization": "Bearer offline"}
BODY = {
    "transcript": "Of course, Maria. We are open.",
    "model_id": "sonic-3",
    "voice": {"id": "a voice"},
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000},
    "add_timestamps": True,
    "language": "en",
}


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


async def post(providers: RunningProviders, **changes: object) -> tuple[int, list[dict]]:
    """The status, and the documents of the events; or the one document of an error."""
    async with (
        ClientSession(headers=KEY) as http,
        http.post(url_of(providers, "/tts/sse"), json={**BODY, **changes}) as response,
    ):
        text = await response.text()
        if response.status != 200:
            return response.status, [json.loads(text)]
        assert response.content_type == "text/event-stream"
    frames = text.split("\n\n")
    assert frames.pop() == ""
    return 200, [json.loads(frame.removeprefix("data: ")) for frame in frames]


async def test_it_sends_audio_and_word_times_and_an_end(providers: RunningProviders) -> None:
    _status, events = await post(providers)
    assert {event["type"] for event in events} == {"timestamps", "chunk", "done"}
    assert [event["done"] for event in events] == [False] * (len(events) - 1) + [True]
    times = [event["word_timestamps"] for event in events if event["type"] == "timestamps"]
    assert [word for time in times for word in time["words"]] == BODY["transcript"].split()
    audio = b"".join(base64.b64decode(event["data"]) for event in events if "data" in event)
    assert times[-1]["end"][-1] == pytest.approx(len(audio) / 48_000, abs=0.01)


async def test_it_sends_no_word_times_unless_asked(providers: RunningProviders) -> None:
    _status, events = await post(providers, add_timestamps=False)
    assert {event["type"] for event in events} == {"chunk", "done"}


async def test_it_keeps_the_context_it_was_given(providers: RunningProviders) -> None:
    _status, events = await post(providers, context_id="mine")
    assert {event["context_id"] for event in events} == {"mine"}


@pytest.mark.parametrize(
    "changes",
    [
        {"transcript": None},
        {"model_id": None},
        {"voice": None},
        {"output_format": {**BODY["output_format"], "container": "wav"}},
    ],
)
async def test_it_refuses_nonsense(providers: RunningProviders, changes: dict) -> None:
    status, (error,) = await post(providers, **changes)
    assert (status, error["type"]) == (400, "error")


async def test_a_voice_that_fails_says_so_in_an_event(
    providers: RunningProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_args: object) -> AsyncIterator[None]:
        raise VoiceError("The voice is hoarse.")
        yield

    monkeypatch.setattr(providers.backstage.speaker, "speak", fail)
    status, (error,) = await post(providers)
    assert (status, error["type"], error["status_code"]) == (200, "error", 500)


@pytest.mark.parametrize(
    ("fault", "status"), [("refuse", 503), ("unauthorized", 401), ("limited", 429), ("error", 500)]
)
async def test_it_fails_when_told_to(providers: RunningProviders, fault: str, status: int) -> None:
    await put(providers, "/rehearsal/faults", {"tts": fault})
    assert (await post(providers))[0] == status
