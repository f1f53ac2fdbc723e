"""The speech models: loaded once in a process, with a state for each call."""

import asyncio
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pipecat.audio.turn.base_turn_analyzer import EndOfTurnState
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams, VADState

import catalog
from calls import metrics
from calls.pipeline import models
from calls.pipeline.models import (
    INCOMPLETE_TURN_SECONDS,
    LASTING_WINDOWS,
    SILENCE_TELLS_SECONDS,
    CallVAD,
    speech_models,
)
from calls.pipeline.transport import SAMPLE_RATE
from catalog import mulaw

GREETING = Path(catalog.__file__).parent / "default_greeting" / "greeting.ulaw"
PIECE_BYTES = 2 * 160  # 20 ms of 16-bit samples


def pieces(pcm: bytes) -> list[bytes]:
    return [pcm[at : at + PIECE_BYTES] for at in range(0, len(pcm), PIECE_BYTES)]


def ready_vad() -> CallVAD:
    vad = speech_models().vad()
    vad.set_sample_rate(SAMPLE_RATE)
    return vad


@pytest.fixture(scope="module")
def speech() -> list[bytes]:
    """Three seconds of a real voice."""
    return pieces(mulaw.decode(GREETING.read_bytes()[: 3 * SAMPLE_RATE]))


@pytest.fixture(scope="module")
def silence() -> list[bytes]:
    return pieces(bytes(2 * 3 * SAMPLE_RATE))


def test_it_loads_the_models_once() -> None:
    loaded = speech_models()
    assert speech_models() is loaded
    assert ready_vad()._model.session is ready_vad()._model.session is loaded.silero.session
    assert loaded.turn_analyzer()._session is loaded.smart_turn._session


def test_it_takes_a_moment_to_give_a_call_its_own() -> None:
    loaded = speech_models()
    loaded.vad(), loaded.turn_analyzer()
    started_at = time.perf_counter()
    for _ in range(20):
        loaded.vad(), loaded.turn_analyzer()
    each_ms = (time.perf_counter() - started_at) * 1000.0 / 20
    assert each_ms < 20.0, "loading the models again would take more than 100 ms"


async def test_it_hears_a_voice_and_not_silence(speech: list[bytes], silence: list[bytes]) -> None:
    vad = ready_vad()
    assert {await vad.analyze_audio(piece) for piece in silence} == {VADState.QUIET}
    vad = ready_vad()
    assert VADState.SPEAKING in {await vad.analyze_audio(piece) for piece in speech}


async def test_in_a_silence_that_lasts_the_model_is_not_asked(
    silence: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    vad, asked = ready_vad(), []
    model = type(vad._model)
    usual = model.__call__

    def noting(self: Any, *given: Any) -> Any:
        asked.append(given)
        return usual(self, *given)

    monkeypatch.setattr(model, "__call__", noting)
    states = {await vad.analyze_audio(piece) for _ in range(10) for piece in silence}
    assert states == {VADState.QUIET}
    assert len(asked) == LASTING_WINDOWS


@pytest.mark.parametrize("before_seconds", [0, 1, 10])
async def test_what_ends_a_silence_is_heard_as_soon_as_by_a_model_that_heard_it_all(
    speech: list[bytes], silence: list[bytes], before_seconds: int
) -> None:
    heard_all = SileroVADAnalyzer(sample_rate=SAMPLE_RATE, params=VADParams(min_volume=0.6))
    heard_all.set_sample_rate(SAMPLE_RATE)
    vad = ready_vad()
    audio = [*(silence[:1] * 50 * before_seconds), *speech, *silence]
    found = [await vad.analyze_audio(piece) for piece in audio]
    wanted = [await heard_all.analyze_audio(piece) for piece in audio]
    spoken = [at for at, state in enumerate(found) if state is VADState.SPEAKING]
    expected = [at for at, state in enumerate(wanted) if state is VADState.SPEAKING]
    assert abs(spoken[0] - expected[0]) <= 3, "pieces of 20 ms"
    assert abs(spoken[-1] - expected[-1]) <= 3
    await heard_all.cleanup()


async def test_it_keeps_the_callers_apart(speech: list[bytes], silence: list[bytes]) -> None:
    alone = ready_vad()
    expected = [await alone.analyze_audio(piece) for piece in speech]
    one, other = ready_vad(), ready_vad()
    heard, unheard = [], set()
    for said, unsaid in zip(speech, silence, strict=False):
        heard.append(await one.analyze_audio(said))
        unheard.add(await other.analyze_audio(unsaid))
    assert heard == expected
    assert unheard == {VADState.QUIET}


async def test_it_hears_on_the_event_loop(
    speech: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()
    vad = ready_vad()
    judge = vad.voice_confidence

    def noting_the_thread(buffer: bytes) -> float:
        threads.add(threading.current_thread().name)
        return judge(buffer)

    monkeypatch.setattr(vad, "voice_confidence", noting_the_thread)
    for piece in speech[:10]:
        await vad.analyze_audio(piece)
    assert threads == {threading.current_thread().name}


async def test_it_decides_on_turns_in_a_few_shared_threads(
    speech: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()
    analyzers: list[Any] = [speech_models().turn_analyzer() for _ in range(4)]
    for analyzer in analyzers:

        def predict(_audio: np.ndarray) -> dict[str, Any]:
            threads.add(threading.current_thread().name)
            return {"prediction": 1, "probability": 0.9}

        monkeypatch.setattr(analyzer, "_predict_endpoint", predict)
        analyzer.set_sample_rate(SAMPLE_RATE)
        analyzer.append_audio(speech[0], is_speech=True)
    states = await asyncio.gather(*(analyzer.analyze_end_of_turn() for analyzer in analyzers))
    assert [state for state, _ in states] == [EndOfTurnState.COMPLETE] * 4
    assert all(name.startswith("smart turn") for name in threads)
    most = speech_models().workers.threads._max_workers
    assert 1 <= len(threads) <= most <= (os.cpu_count() or 1)


async def test_when_too_many_turns_wait_for_the_model_silence_tells_their_end(
    speech: list[bytes], silence: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "MOST_WAITING", 0)
    monkeypatch.setattr(speech_models().workers, "_most", 1)
    release = threading.Event()
    one, other = (speech_models().turn_analyzer() for _ in range(2))
    for analyzer in (one, other):
        analyzer.set_sample_rate(SAMPLE_RATE)
        analyzer.append_audio(speech[0], is_speech=True)

    def predict(_audio: np.ndarray) -> dict[str, Any]:
        release.wait(5.0)
        return {"prediction": 1, "probability": 0.9}

    monkeypatch.setattr(one, "_predict_endpoint", predict)
    deciding = asyncio.create_task(one.analyze_end_of_turn())
    await asyncio.sleep(0)
    before = metrics.turns_told_by_silence._value.get()
    assert await other.analyze_end_of_turn() == (EndOfTurnState.INCOMPLETE, None)
    assert metrics.turns_told_by_silence._value.get() == before + 1
    states = [other.append_audio(piece, is_speech=False) for piece in silence[:21]]
    assert states.index(EndOfTurnState.COMPLETE) * 0.02 == pytest.approx(
        SILENCE_TELLS_SECONDS, abs=0.03
    )
    assert await other.analyze_end_of_turn() == (EndOfTurnState.INCOMPLETE, None), "and at once"
    release.set()
    assert (await deciding)[0] is EndOfTurnState.COMPLETE
    other.append_audio(speech[0], is_speech=True)
    await other.analyze_end_of_turn()
    assert other._stop_ms == INCOMPLETE_TURN_SECONDS * 1_000.0, "the next turn is the model's"


async def test_the_end_of_one_call_leaves_the_threads_to_the_others(speech: list[bytes]) -> None:
    ended, going_on = speech_models().turn_analyzer(), speech_models().turn_analyzer()
    await ended.cleanup()
    going_on.set_sample_rate(SAMPLE_RATE)
    for piece in speech:
        going_on.append_audio(piece, is_speech=True)
    state, _ = await going_on.analyze_end_of_turn()
    assert state in set(EndOfTurnState)


def test_one_callers_words_are_not_anothers(speech: list[bytes]) -> None:
    one, other = speech_models().turn_analyzer(), speech_models().turn_analyzer()
    for analyzer in (one, other):
        analyzer.set_sample_rate(SAMPLE_RATE)
    one.append_audio(speech[0], is_speech=True)
    assert (one.speech_triggered, other.speech_triggered) == (True, False)


def test_an_unfinished_sentence_is_waited_for_and_no_longer(silence: list[bytes]) -> None:
    analyzer = speech_models().turn_analyzer()
    analyzer.set_sample_rate(SAMPLE_RATE)
    analyzer.append_audio(silence[0], is_speech=True)
    states = [analyzer.append_audio(piece, is_speech=False) for piece in silence]
    assert states.index(EndOfTurnState.COMPLETE) == INCOMPLETE_TURN_SECONDS / 0.02 - 1


def test_it_does_not_write_the_callers_voice_to_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPECAT_SMART_TURN_LOG_DATA", "true")
    assert speech_models().turn_analyzer()._log_data is False


async def test_a_faint_voice_interrupts_nobody_and_is_heard_in_silence(speech: list[bytes]) -> None:
    for level_db, while_the_agent_speaks, is_noticed in (
        (-27.0, True, False),
        (-27.0, False, True),
        (-20.0, True, True),
        (0.0, True, True),
    ):
        vad = speech_models().vad(lambda heard=while_the_agent_speaks: heard)  # type: ignore[misc]
        vad.set_sample_rate(SAMPLE_RATE)
        samples = np.frombuffer(b"".join(speech), "<i2") * 10 ** (level_db / 20)
        states = {
            await vad.analyze_audio(piece) for piece in pieces(samples.astype("<i2").tobytes())
        }
        assert (VADState.SPEAKING in states) is is_noticed, (level_db, while_the_agent_speaks)
