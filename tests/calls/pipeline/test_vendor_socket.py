"""Sockets of speech that are lost, refused or silent: asked again, elsewhere, then given up."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from pipecat.frames.frames import (
    ErrorFrame,
    InputAudioRawFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from websockets.exceptions import ConnectionClosed

from calls import circuit
from calls.circuit import circuits
from calls.pipeline import stt, tts, vendor_socket
from calls.pipeline.stt import CallSTT
from calls.pipeline.stt_routes import stt_routes
from calls.pipeline.tts import CallTTS
from calls.pipeline.warm_sockets import WarmSockets
from tests.calls.pipeline.fake_cartesia import FakeCartesia
from tests.calls.pipeline.fake_line import FakeLine
from tests.calls.pipeline.running import Running, running
from tests.calls.samples import agent
from voiceagent.fallback_providers import Fallbacks, FallbackSpeech

AUDIO = base64.b64encode(b"\x00\x10" * 800).decode()
SILENCE = base64.b64encode(b"\0\0" * 800).decode()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    circuits.forget()
    monkeypatch.setattr(tts, "FIRST_AUDIO_SECONDS", 0.4)
    monkeypatch.setattr(tts, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(stt, "ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(vendor_socket, "BEFORE_THE_RETRY_SECONDS", (0.0, 0.0))


async def started() -> FakeCartesia:
    cartesia = FakeCartesia()
    await cartesia.start()
    return cartesia


@pytest.fixture
async def cartesia(settings: Any) -> AsyncIterator[FakeCartesia]:
    cartesia = await started()
    settings.CARTESIA_BASE_URL, settings.CARTESIA_API_KEY = cartesia.url, ""
    settings.FALLBACKS = Fallbacks(None, None, None)
    yield cartesia
    await cartesia.stop()


@pytest.fixture
async def other(settings: Any, cartesia: FakeCartesia) -> AsyncIterator[FakeCartesia]:
    other = await started()
    speech = FallbackSpeech("other-model", other.url, "other-voice", "other-key")
    settings.FALLBACKS = Fallbacks(None, speech, speech)
    yield other
    await other.stop()


def stumbles(line: FakeLine) -> list[str]:
    return [told[1] for told in line.told if told[0] == "stumbled"]


async def speak(cartesia: FakeCartesia, asked: Any, *words: str, audio: str = AUDIO) -> None:
    context_id = asked["context_id"]
    times = {"words": list(words), "start": [0.1 * at for at, _ in enumerate(words)]}
    await cartesia.say(type="timestamps", word_timestamps=times, context_id=context_id)
    await cartesia.say(type="chunk", data=audio, context_id=context_id)


async def finish(cartesia: FakeCartesia, asked: Any) -> None:
    await cartesia.say(type="flush_done", context_id=asked["context_id"])
    await cartesia.say(type="done", context_id=asked["context_id"])


async def given_up(pipeline: Running) -> None:
    await pipeline.up.next(ErrorFrame)


# The voice ---------------------------------------------------------------------------


async def test_a_sentence_that_is_not_spoken_is_asked_for_again(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallTTS(line, agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("At nine."))
        first = await cartesia.received()
        assert (await cartesia.received())["continue"] is False
        again = await cartesia.received()
        await speak(cartesia, again, "At", "nine.")
        await finish(cartesia, again)
        await pipeline.down.next(TTSAudioRawFrame)
    assert again["transcript"].split() == first["transcript"].split() == ["At", "nine."]
    assert (stumbles(line), len(cartesia.paths)) == (["tts"], 2)


async def test_a_reply_that_breaks_off_goes_on_where_it_was(cartesia: FakeCartesia) -> None:
    async with running(CallTTS(FakeLine(), agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("We open at nine."))
        asked = await cartesia.received()
        await speak(cartesia, asked, "We", "open")
        await pipeline.down.next(TTSAudioRawFrame)
        await cartesia.cut()
        await cartesia.received()  # the end of the first, which the cut has overtaken
        again = await cartesia.received()
        await speak(cartesia, again, "at", "nine.")
        await finish(cartesia, again)
        await pipeline.down.next(TTSAudioRawFrame)
    assert again["transcript"] == "at nine."


async def test_what_was_spoken_whole_is_not_asked_for_again(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallTTS(line, agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("At nine."))
        asked = await cartesia.received()
        await speak(cartesia, asked, "At", "nine.")
        await finish(cartesia, asked)
        await pipeline.down.next(TTSAudioRawFrame)
        await cartesia.cut()
        await cartesia.reopened()
    assert stumbles(line) == []


async def test_the_fallback_voice_takes_over(cartesia: FakeCartesia, other: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallTTS(line, agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("At nine."))
        asked = await other.received()
        await speak(other, asked, "At", "nine.")
        await pipeline.down.next(TTSAudioRawFrame)
    assert (asked["voice"]["id"], asked["model_id"]) == ("other-voice", "other-model")
    assert other.keys == ["other-key"]
    assert stumbles(line) == ["tts", "tts"]


async def test_a_voice_that_is_gone_is_given_up(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallTTS(line, agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("At nine."))
        await given_up(pipeline)
    assert stumbles(line) == ["tts", "tts"]


@pytest.mark.parametrize(
    "nonsense",
    [{"type": "error", "message": "no"}, {"type": "chunk", "data": 5}, {"type": "chunk"}],
)
async def test_an_error_and_nonsense_are_no_answer(
    cartesia: FakeCartesia, nonsense: dict[str, Any]
) -> None:
    line = FakeLine()
    async with running(CallTTS(line, agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("At nine."))
        asked = await cartesia.received()
        await cartesia.received()
        await cartesia.say(**nonsense, context_id=asked["context_id"])
        again = await cartesia.received()
        await speak(cartesia, again, "At", "nine.")
        await pipeline.down.next(TTSAudioRawFrame)
    assert stumbles(line) == ["tts"]


async def test_a_voice_that_speaks_silence_is_asked_again(cartesia: FakeCartesia) -> None:
    """With times of words, and the word that it is done: nothing of it was spoken."""
    line = FakeLine()
    async with running(CallTTS(line, agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("At nine."))
        asked = await cartesia.received()
        await cartesia.received()
        await speak(cartesia, asked, "At", "nine.", audio=SILENCE)
        await finish(cartesia, asked)
        again = await cartesia.received()
        await speak(cartesia, again, "At", "nine.")
        await finish(cartesia, again)
        heard = await pipeline.down.next(TTSAudioRawFrame)
    assert again["transcript"] == "At nine."
    assert heard.audio == base64.b64decode(AUDIO), "the silence before it is not played"
    assert stumbles(line) == ["tts"]


@pytest.mark.parametrize("audio", [SILENCE, base64.b64encode(b"\x00\x10").decode()])
async def test_a_voice_that_drips_says_nothing(cartesia: FakeCartesia, audio: str) -> None:
    line = FakeLine()
    async with running(CallTTS(line, agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("At nine."))
        asked = await cartesia.received()
        await cartesia.received()
        with suppress(ConnectionClosed):  # It has been left.
            for _drop in range(40):
                await cartesia.say(type="chunk", data=audio, context_id=asked["context_id"])
                if stumbles(line):
                    break
                await asyncio.sleep(0.05)
        again = await cartesia.received()
        await speak(cartesia, again, "At", "nine.")
        await pipeline.down.next(TTSAudioRawFrame)
    assert (again["transcript"], stumbles(line)) == ("At nine.", ["tts"])


async def test_what_has_no_words_need_not_be_heard(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallTTS(line, agent())) as pipeline:
        await pipeline.send(TTSSpeakFrame("…"))
        asked = await cartesia.received()
        await finish(cartesia, asked)
        await asyncio.sleep(0.6)
    assert stumbles(line) == []


# The ears ----------------------------------------------------------------------------


async def say_something(pipeline: Running) -> bytes:
    sound = b"\x02\x00" * 400
    await pipeline.send_up(VADUserStartedSpeakingFrame(start_secs=0.2))
    await pipeline.send(InputAudioRawFrame(sound, 8_000, 1))
    await pipeline.down.next(InputAudioRawFrame)
    await pipeline.send_up(VADUserStoppedSpeakingFrame(stop_secs=0.2))
    return sound


async def test_what_is_not_written_down_is_heard_again(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        sound = await say_something(pipeline)
        assert [await cartesia.received(), await cartesia.received()] == [sound, "finalize"]
        assert [await cartesia.received(), await cartesia.received()] == [sound, "finalize"]
        await cartesia.final("At nine.")
        await cartesia.say(type="flush_done")
        assert (await pipeline.down.next(TranscriptionFrame)).text == "At nine."
    assert stumbles(line) == ["stt"]


async def test_what_is_said_while_the_socket_is_lost_is_not_lost(cartesia: FakeCartesia) -> None:
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        await cartesia.cut()
        sound = await say_something(pipeline)
        heard = [await cartesia.received()]
        while heard[-1] != "finalize":
            heard.append(await cartesia.received())
        assert sound in heard


async def test_the_fallback_ears_take_over(cartesia: FakeCartesia, other: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        sound = await say_something(pipeline)
        assert [await other.received(), await other.received()] == [sound, "finalize"]
        await other.final("At nine.")
        await other.say(type="flush_done")
        assert (await pipeline.down.next(TranscriptionFrame)).text == "At nine."
    assert other.queries[0]["model"] == "other-model"
    assert stumbles(line) == ["stt", "stt"]


async def test_ears_that_are_gone_are_given_up(cartesia: FakeCartesia) -> None:
    line = FakeLine()
    async with running(CallSTT(line, agent())) as pipeline:
        await say_something(pipeline)
        await given_up(pipeline)
    assert stumbles(line) == ["stt", "stt"]


async def test_a_vendor_known_to_be_dead_is_not_tried_by_the_next_call(
    cartesia: FakeCartesia,
) -> None:
    for _ in range(3):
        circuits.of("stt").failed()
    async with running(CallSTT(FakeLine(), agent())) as pipeline:
        await given_up(pipeline)
    assert cartesia.paths == []


async def test_who_leaves_before_a_vendor_was_needed_lets_the_next_call_try(
    cartesia: FakeCartesia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit, "FIRST_REST_SECONDS", 0.0)
    for _failure in range(circuit.FAILURES):
        circuits.of("stt").failed()
    async with running(CallSTT(FakeLine(), agent())):
        await cartesia.reopened()
        assert not circuits.of("stt").allows()
    assert circuits.of("stt").is_open and circuits.of("stt").allows()


async def test_a_warm_socket_is_bounded_like_one_of_its_own(cartesia: FakeCartesia) -> None:
    """A vendor that stops reading would else hold up a call's audio for minutes."""
    warm = WarmSockets(stt_routes(agent())[:1])
    async with asyncio.timeout(5.0):
        (opening,) = warm._opening.values()
        opened = await asyncio.shield(opening)
    service: Any = CallSTT(FakeLine(), agent(), warm)
    async with running(service):
        assert service._websocket is opened
        assert opened.send_timeout == service._ws_send_timeout is not None
    warm.close()


async def test_a_warm_socket_of_another_language_is_not_taken(cartesia: FakeCartesia) -> None:
    """The agent was published anew between the webhook and its repetition."""
    warm = WarmSockets(stt_routes(agent(language="en"))[:1])
    assert warm.take(stt_routes(agent(language="pt"))[0]) is None
    assert not warm.is_over
    opening = warm.take(stt_routes(agent(language="en"))[0])
    assert opening is not None and warm.is_over
    await (await opening).close()
    warm.close()
