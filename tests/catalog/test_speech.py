"""Sentences spoken and recordings written down by the offline providers, through Cartesia's SDK."""

import asyncio
import io
import logging
import socket
import time
import wave
from collections.abc import AsyncIterator

import pytest

from catalog.speech import LONGEST_TEXT, SpeechError, speak, transcribe
from catalog.speech.transcribing import Transcript
from rehearsal.providers.server import RunningProviders
from rehearsal.speech import lines
from tests.rehearsal.providers_rig import put, running, socket_url_of

SENTENCE = "Of course, Maria. We are open."
LINE = lines()["ask-hours"]
SILENCE = b"\xff" * 8_000


@pytest.fixture
async def providers(settings) -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        settings.CARTESIA_BASE_URL = socket_url_of(providers)
        settings.CARTESIA_API_KEY = ""
        yield providers


async def spoken(text: str = SENTENCE, voice_id: str = "", language: str = "en", **changes: float):
    return await asyncio.to_thread(speak, text, voice_id=voice_id, language=language, **changes)


async def written_down(audio: bytes = LINE.audio, language: str = "en", **changes: float):
    return await asyncio.to_thread(transcribe, audio, language=language, **changes)


async def refusal_of(asked) -> str:
    with pytest.raises(SpeechError) as caught:
        await asked
    return str(caught.value)


def requests_to(providers: RunningProviders, provider: str) -> list[object]:
    return [entry.body for entry in providers.log.entries(provider)]


async def test_it_speaks_a_sentence(providers: RunningProviders) -> None:
    speech = await spoken()
    with wave.open(io.BytesIO(speech.wav)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (24_000, 1, 2)
        duration_ms = wav.getnframes() / 24
    assert duration_ms == pytest.approx(0.060 * (len(SENTENCE) + 1) * 1000, abs=60)
    assert [word.word for word in speech.words] == SENTENCE.split()
    assert speech.words[0].start_ms == 0
    assert speech.words[-1].end_ms == pytest.approx(duration_ms, abs=2)


async def test_it_speaks_with_the_agents_voice_and_language(providers: RunningProviders) -> None:
    await spoken(voice_id="a voice", language="pt-BR")
    (asked,) = requests_to(providers, "tts")
    assert (asked["voice"], asked["language"]) == ({"id": "a voice"}, "pt-BR")


async def test_an_agent_without_a_voice_has_the_systems(
    providers: RunningProviders, settings
) -> None:
    settings.CARTESIA_VOICE_ID = "the usual voice"
    await spoken(voice_id="")
    (asked,) = requests_to(providers, "tts")
    assert asked["voice"] == {"id": "the usual voice"}


async def test_line_breaks_are_spoken_as_spaces(providers: RunningProviders) -> None:
    speech = await spoken("  Of course,\r\n\tMaria. ")
    (asked,) = requests_to(providers, "tts")
    assert asked["transcript"] == "Of course, Maria."
    assert [word.word for word in speech.words] == ["Of", "course,", "Maria."]


@pytest.mark.parametrize("text", ["", " \n ", "a" * (LONGEST_TEXT + 1)])
async def test_it_asks_for_no_text_that_cannot_be_spoken(
    providers: RunningProviders, text: str
) -> None:
    assert (await refusal_of(spoken(text))).endswith(".")
    assert requests_to(providers, "tts") == []


async def test_the_longest_text_is_spoken(providers: RunningProviders) -> None:
    text = ("word " * LONGEST_TEXT)[: LONGEST_TEXT - 1] + "s"
    assert len((await spoken(text)).words) == LONGEST_TEXT // 5


async def test_a_text_without_sound_is_refused(providers: RunningProviders, monkeypatch) -> None:
    async def nothing(*_args: object) -> AsyncIterator[None]:
        for none in ():
            yield none

    monkeypatch.setattr(providers.backstage.speaker, "speak", nothing)
    assert "Type words" in await refusal_of(spoken("…"))


async def test_it_writes_down_a_recording(providers: RunningProviders) -> None:
    assert await written_down(SILENCE + LINE.audio + SILENCE, "en-GB") == Transcript(LINE.text, ())
    (asked,) = requests_to(providers, "stt")
    assert asked["language"] == "en"
    assert asked["timestamp_granularities[]"] == "word"


@pytest.mark.parametrize(
    ("model", "asked_for"),
    [("ink-whisper-2025-06-04", "ink-whisper-2025-06-04"), ("ink-2", "ink-whisper")],
)
async def test_a_model_that_only_streams_is_not_asked_for_recordings(
    providers: RunningProviders, settings, model: str, asked_for: str
) -> None:
    settings.CARTESIA_STT_MODEL = model
    await written_down()
    (asked,) = requests_to(providers, "stt")
    assert asked["model"] == asked_for


@pytest.mark.parametrize("audio", [b"", SILENCE])
async def test_a_recording_without_words_is_refused_with_advice(
    providers: RunningProviders, audio: bytes
) -> None:
    assert "Type them yourself" in await refusal_of(written_down(audio))


FAULTS = [
    ("unauthorized", "refused the key", 1),
    ("limited", "over its limit", 1),
    ("error", "trouble of its own", 2),
    ("refuse", "trouble of its own", 2),
    ("silent", "did not answer", 1),
]


@pytest.mark.parametrize(("fault", "sentence", "requests"), FAULTS)
@pytest.mark.parametrize(("ask", "provider"), [(spoken, "tts"), (written_down, "stt")])
async def test_a_fault_ends_in_a_sentence_before_the_deadline(
    providers: RunningProviders, ask, provider: str, fault: str, sentence: str, requests: int
) -> None:
    await put(providers, "/rehearsal/faults", {provider: fault})
    began_at = time.monotonic()
    assert sentence in await refusal_of(ask(deadline_seconds=1.5))
    assert time.monotonic() - began_at < 10
    assert len(requests_to(providers, provider)) == requests


async def test_what_fails_once_is_asked_for_again(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"tts": "refuse"})
    speaking = asyncio.create_task(spoken())
    while not requests_to(providers, "tts"):
        await asyncio.sleep(0.01)
    await put(providers, "/rehearsal/faults", {})
    assert (await speaking).words


@pytest.mark.parametrize("ask", [spoken, written_down])
async def test_a_service_that_is_not_there_ends_in_a_sentence(
    settings, caplog: pytest.LogCaptureFixture, ask
) -> None:
    with socket.socket() as taken:  # bound and not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        settings.CARTESIA_BASE_URL = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        settings.CARTESIA_API_KEY = ""
        assert "did not answer" in await refusal_of(ask(deadline_seconds=5.0))
    assert "manage.py providers" in caplog.text
    assert "ConnectError" in caplog.text


async def test_the_log_keeps_neither_text_nor_key(
    providers: RunningProviders, settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CARTESIA_API_KEY = "sk_secret"
    await put(providers, "/rehearsal/faults", {"tts": "unauthorized"})
    with caplog.at_level(logging.INFO):
        await refusal_of(spoken("Maria lives here."))
    assert "refused with 401" in caplog.text
    assert "Maria" not in caplog.text
    assert "secret" not in caplog.text
