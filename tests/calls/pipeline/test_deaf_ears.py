"""Speech recognition that answers and hears nothing, or never comes to an end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pipecat.frames.frames import (
    ErrorFrame,
    InputAudioRawFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)

from calls.circuit import FAILURES, circuits
from calls.pipeline import stt, vendor_socket
from calls.pipeline.stt import CallSTT
from tests.calls.pipeline.fake_cartesia import FakeCartesia
from tests.calls.pipeline.fake_line import FakeLine
from tests.calls.pipeline.running import Running, running
from tests.calls.samples import agent
from voiceagent.fallback_providers import Fallbacks, FallbackSpeech

CLEAR, SHORT = 1.2, 0.4  # seconds
UNHEARD = "nothing understood"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    circuits.forget()
    monkeypatch.setattr(stt, "ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(vendor_socket, "BEFORE_THE_RETRY_SECONDS", (0.0, 0.0))


@pytest.fixture
async def cartesia(settings: Any) -> AsyncIterator[FakeCartesia]:
    cartesia = FakeCartesia()
    await cartesia.start()
    settings.CARTESIA_BASE_URL, settings.CARTESIA_API_KEY = cartesia.url, ""
    settings.FALLBACKS = Fallbacks(None, None, None)
    yield cartesia
    await cartesia.stop()


@pytest.fixture
async def other(settings: Any, cartesia: FakeCartesia) -> AsyncIterator[FakeCartesia]:
    other = FakeCartesia()
    await other.start()
    speech = FallbackSpeech("other-model", other.url, "other-voice", "other-key")
    settings.FALLBACKS = Fallbacks(None, speech, speech)
    yield other
    await other.stop()


async def speak(pipeline: Running, ears: FakeCartesia, seconds: float) -> None:
    """Until the vendor has all of it, and is asked to finish."""
    await pipeline.send_up(VADUserStartedSpeakingFrame(start_secs=0.2))
    await pipeline.up.next(VADUserStartedSpeakingFrame)
    await pipeline.send(InputAudioRawFrame(b"\x02\x00" * int(8_000 * seconds), 8_000, 1))
    await pipeline.down.next(InputAudioRawFrame)
    await pipeline.send_up(VADUserStoppedSpeakingFrame(stop_secs=0.2))
    while await ears.received() != "finalize":
        pass


async def hear_nothing(pipeline: Running, ears: FakeCartesia, line: FakeLine) -> None:
    """It says that no more will come, and was heard to say so."""
    said = len(line.told)
    await ears.say(type="flush_done")
    for _look in range(200):
        if len(line.told) > said:
            return
        await pipeline.send(InputAudioRawFrame(b"\0\0", 8_000, 1))
        await pipeline.down.next(InputAudioRawFrame)


async def opened(ears: FakeCartesia, times: int) -> None:
    async with asyncio.timeout(5.0):
        while len(ears.paths) < times:
            await asyncio.sleep(0.01)


def stumbles(line: FakeLine) -> list[tuple[str, str]]:
    return [told[1:] for told in line.told if told[0] == "stumbled"]


async def test_an_interim_is_no_answer(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        await speak(pipeline, cartesia, CLEAR)
        await cartesia.say(type="transcript", is_final=False, text="At", language="en")
        await cartesia.reopened()
        while await cartesia.received() != "finalize":
            pass
        await cartesia.say(type="transcript", is_final=False, text="At", language="en")
        await pipeline.up.next(ErrorFrame)
    assert stumbles(line) == [("stt", "no answer in time")] * 2


async def test_an_interim_that_nothing_follows_is_the_final(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        await speak(pipeline, cartesia, CLEAR)
        await cartesia.say(type="transcript", is_final=False, text="At nine", language="en")
        await cartesia.say(type="flush_done")
        heard = await pipeline.down.next(TranscriptionFrame)
        assert (heard.text, heard.finalized) == ("At nine", True)
    assert UNHEARD not in line.told and stumbles(line) == []


async def test_a_cough_is_no_reason_to_say_anything(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        for _cough in range(4):
            await speak(pipeline, cartesia, SHORT)
            await hear_nothing(pipeline, cartesia, line)
    assert UNHEARD not in line.told and stumbles(line) == []


async def test_who_spoke_clearly_is_told_that_nothing_was_understood(
    cartesia: FakeCartesia,
) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        await speak(pipeline, cartesia, CLEAR)
        await hear_nothing(pipeline, cartesia, line)
        assert line.told.count(UNHEARD) == 1
        await speak(pipeline, cartesia, CLEAR)
        await cartesia.final("At nine.")
        await cartesia.say(type="flush_done")
        await pipeline.down.next(TranscriptionFrame)
        await speak(pipeline, cartesia, CLEAR)
        await hear_nothing(pipeline, cartesia, line)
    assert line.told.count(UNHEARD) == 2
    assert stumbles(line) == [], "it hears: not two in a row"


async def test_words_of_an_utterance_may_have_come_while_it_was_spoken(
    cartesia: FakeCartesia,
) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        await pipeline.send_up(VADUserStartedSpeakingFrame(start_secs=0.2))
        await pipeline.up.next(VADUserStartedSpeakingFrame)
        await pipeline.send(InputAudioRawFrame(b"\x02\x00" * 9_600, 8_000, 1))
        await cartesia.final("At nine.")
        await pipeline.down.next(TranscriptionFrame)
        await pipeline.send_up(VADUserStoppedSpeakingFrame(stop_secs=0.2))
        while await cartesia.received() != "finalize":
            pass
        await hear_nothing(pipeline, cartesia, line)
    assert UNHEARD not in line.told


async def test_deaf_ears_are_opened_anew_and_then_given_up(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        await speak(pipeline, cartesia, CLEAR)
        await hear_nothing(pipeline, cartesia, line)
        await speak(pipeline, cartesia, CLEAR)
        await hear_nothing(pipeline, cartesia, line)
        await opened(cartesia, 2)
        await speak(pipeline, cartesia, CLEAR)
        await cartesia.say(type="flush_done")
        await pipeline.up.next(ErrorFrame)
    assert stumbles(line) == [("stt", "heard nothing")] * 2
    assert line.told.count(UNHEARD) == 3


async def test_the_fallback_hears_what_the_deaf_one_did_not(
    cartesia: FakeCartesia, other: FakeCartesia
) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        for utterance in range(1, 4):
            await speak(pipeline, cartesia, CLEAR)
            await hear_nothing(pipeline, cartesia, line)
            await opened(cartesia, min(utterance, 2))
        await other.reopened()
        await speak(pipeline, other, CLEAR)
        await other.final("At nine.")
        await other.say(type="flush_done")
        assert (await pipeline.down.next(TranscriptionFrame)).text == "At nine."


async def test_what_one_caller_mumbles_closes_the_ears_to_nobody_else(
    cartesia: FakeCartesia,
) -> None:
    for _call in range(FAILURES):
        line = FakeLine()
        async with running(CallSTT(line, agent())) as pipeline:
            for _utterance in range(2):
                await speak(pipeline, cartesia, CLEAR)
                await hear_nothing(pipeline, cartesia, line)
        assert stumbles(line) == [("stt", "heard nothing")]
    assert not circuits.of("stt").is_open


async def test_who_says_hello_again_and_again_is_still_owed_an_answer(
    cartesia: FakeCartesia,
) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        for _hello in range(40):
            await pipeline.send_up(VADUserStartedSpeakingFrame(start_secs=0.2))
            await pipeline.up.next(VADUserStartedSpeakingFrame)
            await pipeline.send_up(VADUserStoppedSpeakingFrame(stop_secs=0.2))
            while await cartesia.received() != "finalize":
                pass
            if stumbles(line):
                break
            await asyncio.sleep(0.1)
    assert stumbles(line)[:1] == [("stt", "no answer in time")]
