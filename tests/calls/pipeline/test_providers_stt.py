"""What reaches the wire of speech recognition, and when its finals are passed on."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)

from calls.pipeline import stt as providers
from calls.pipeline.stt import CallSTT
from calls.pipeline.tts import OFFLINE_KEY
from tests.calls.pipeline.fake_cartesia import FakeCartesia
from tests.calls.pipeline.fake_line import FakeLine
from tests.calls.pipeline.running import Running, running
from tests.calls.samples import agent


@pytest.fixture
async def cartesia(settings) -> AsyncIterator[FakeCartesia]:
    cartesia = FakeCartesia()
    await cartesia.start()
    settings.CARTESIA_BASE_URL, settings.CARTESIA_API_KEY = cartesia.url, ""
    settings.CARTESIA_STT_MODEL = "ink-whisper"
    yield cartesia
    await cartesia.stop()


async def caller_paused(pipeline: Running, cartesia: FakeCartesia) -> None:
    """The VAD says that the caller stopped, and the vendor is asked to finish."""
    await pipeline.send_up(VADUserStoppedSpeakingFrame(stop_secs=0.2))
    assert await cartesia.received() == "finalize"


async def seen_by_the_pipeline(pipeline: Running, cartesia: FakeCartesia) -> None:
    """Once this interim is through, so is whatever the vendor said before it."""
    await cartesia.say(type="transcript", is_final=False, text="…", language="pt")
    await pipeline.down.next(InterimTranscriptionFrame)


def finals(pipeline: Running) -> list[tuple[str, bool]]:
    frames = pipeline.down.of_kind(TranscriptionFrame)
    return [(frame.text, frame.finalized) for frame in frames]


@pytest.mark.parametrize(
    ("language", "on_the_wire"), [("pt", "pt"), ("pt-BR", "pt"), ("pt-PT", "pt"), ("en", "en")]
)
async def test_the_language_of_the_agent_reaches_the_wire(
    cartesia: FakeCartesia, language: str, on_the_wire: str
) -> None:
    async with running(CallSTT(FakeLine(), agent(language=language))):
        pass
    assert cartesia.paths == ["/stt/websocket"]
    assert cartesia.queries == [
        {
            "model": "ink-whisper",
            "language": on_the_wire,
            "encoding": "pcm_s16le",
            "sample_rate": "8000",
        }
    ]


@pytest.mark.parametrize(("key", "on_the_wire"), [("", OFFLINE_KEY), ("a-key", "a-key")])
async def test_the_model_and_the_key_of_the_settings_reach_the_wire(
    cartesia: FakeCartesia, settings, key: str, on_the_wire: str
) -> None:
    settings.CARTESIA_STT_MODEL, settings.CARTESIA_API_KEY = "ink-2", key
    async with running(CallSTT(FakeLine(), agent())):
        pass
    assert cartesia.queries[0]["model"] == "ink-2"
    assert cartesia.keys == [on_the_wire]


async def test_the_callers_audio_reaches_the_wire_unchanged(cartesia: FakeCartesia) -> None:
    audio = bytes(range(256)) * 13  # more than two messages
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        for at in range(0, len(audio), 640):
            await pipeline.send(InputAudioRawFrame(audio[at : at + 640], 8_000, 1))
        await pipeline.send(VADUserStoppedSpeakingFrame(stop_secs=0.2))
        received = b""
        while (message := await cartesia.received()) != "finalize":
            assert isinstance(message, bytes)
            received += message
        assert received == audio, "all of it, before words are asked for"


async def test_silence_reaches_the_wire_in_long_messages_and_speech_takes_it_along(
    cartesia: FakeCartesia,
) -> None:
    """Each message costs the same, whatever is in it."""
    quiet, loud = bytes(2 * 1_280), b"\x00\x10" * 320
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        for audio in (quiet, quiet, quiet, quiet, quiet, loud):
            await pipeline.send(InputAudioRawFrame(audio, 8_000, 1))
        assert await cartesia.received() == 4 * quiet
        assert await cartesia.received() == quiet + loud


async def test_it_passes_on_finals_at_once_while_the_caller_speaks(
    cartesia: FakeCartesia,
) -> None:
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        await cartesia.final("Bom dia,")
        assert (await pipeline.down.next(TranscriptionFrame)).text == "Bom dia,"
        assert finals(pipeline) == [("Bom dia,", False)]


async def test_it_joins_the_finals_of_a_turn_and_confirms_them_when_the_vendor_is_done(
    cartesia: FakeCartesia,
) -> None:
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        await caller_paused(pipeline, cartesia)
        await cartesia.final("A que horas")
        await cartesia.final(" abrem?")
        await seen_by_the_pipeline(pipeline, cartesia)
        assert finals(pipeline) == [], "more may come"
        await cartesia.say(type="flush_done")
        await pipeline.down.next(TranscriptionFrame)
        assert finals(pipeline) == [("A que horas abrem?", True)]


async def test_it_does_not_wait_for_a_vendor_that_never_says_it_is_done(
    cartesia: FakeCartesia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "FLUSH_DONE_SECONDS", 0.05)
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        await caller_paused(pipeline, cartesia)
        await cartesia.final("A que horas")
        await cartesia.final(" abrem?")
        await pipeline.down.next(TranscriptionFrame)
        assert finals(pipeline) == [("A que horas abrem?", False)], "heard, but not confirmed"


async def test_it_loses_no_word_when_the_caller_speaks_on(
    cartesia: FakeCartesia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "FLUSH_DONE_SECONDS", 60.0)
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        await caller_paused(pipeline, cartesia)
        await cartesia.final("A que horas")
        await seen_by_the_pipeline(pipeline, cartesia)
        await pipeline.send_up(VADUserStartedSpeakingFrame(start_secs=0.2))
        await pipeline.down.next(TranscriptionFrame)
        await cartesia.final(" abrem?")
        await pipeline.down.next(TranscriptionFrame)
        assert finals(pipeline) == [("A que horas", False), (" abrem?", False)]


async def test_it_passes_nothing_on_for_a_turn_without_words(cartesia: FakeCartesia) -> None:
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        await caller_paused(pipeline, cartesia)
        await cartesia.final(" ")
        await cartesia.say(type="flush_done")
        await seen_by_the_pipeline(pipeline, cartesia)
        assert finals(pipeline) == []


async def test_each_turn_is_confirmed_for_itself(cartesia: FakeCartesia) -> None:
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        for words in ("Bom dia.", "A que horas abrem?"):
            await pipeline.send_up(VADUserStartedSpeakingFrame(start_secs=0.2))
            await caller_paused(pipeline, cartesia)
            await cartesia.final(words)
            await cartesia.say(type="flush_done")
            await pipeline.down.next(TranscriptionFrame)
        assert finals(pipeline) == [("Bom dia.", True), ("A que horas abrem?", True)]


@pytest.mark.parametrize("nonsense", [{"type": "news"}, {}, {"type": "flush_done"}])
async def test_it_survives_what_it_did_not_ask_for(
    cartesia: FakeCartesia, nonsense: dict[str, str]
) -> None:
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        await cartesia.say(**nonsense)
        await cartesia.final("Bom dia,")
        await pipeline.down.next(TranscriptionFrame)
        assert finals(pipeline) == [("Bom dia,", False)]


@pytest.mark.parametrize("say", [lambda c: c.final("held"), lambda c: asyncio.sleep(0)])
async def test_it_leaves_no_task_behind_when_the_call_ends_in_mid_turn(
    cartesia: FakeCartesia, say: Callable
) -> None:
    before = asyncio.all_tasks()
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        await caller_paused(pipeline, cartesia)
        await say(cartesia)
        await seen_by_the_pipeline(pipeline, cartesia)
    await cartesia.stop()
    await asyncio.sleep(0)
    assert {task.get_name() for task in asyncio.all_tasks() - before} == set()
