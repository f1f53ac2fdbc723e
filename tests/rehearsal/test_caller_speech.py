"""The recordings that ship: their form, and that machines understand them as people would."""

import re

import numpy as np
import pytest
from loudness import integrated_loudness

from rehearsal.caller import mulaw
from rehearsal.speech import FOLDER, Line, UnknownLine, line, lines
from rehearsal.speech.record import RECIPES

LINES = list(lines().values())
each_line = pytest.mark.parametrize("spoken", LINES, ids=lambda spoken: spoken.name)


def samples(spoken: Line, *, before_ms: int = 0, after_ms: int = 0) -> np.ndarray:
    audio = b"\xff" * 8 * before_ms + spoken.audio + b"\xff" * 8 * after_ms
    return mulaw.decode(audio).astype(np.float32) / 32_768


@pytest.fixture(scope="module")
def turn_analyzer():
    from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3

    analyzer = LocalSmartTurnAnalyzerV3()
    analyzer.set_sample_rate(8_000)
    return analyzer


@pytest.fixture(scope="module")
def transcriber():
    moonshine = pytest.importorskip("moonshine_voice", reason="make voices installs it")
    from pathlib import Path

    model = Path(moonshine.__file__).parent / "assets" / "tiny-en"
    # Without its own VAD the result is the same each time; with it, silence becomes "You".
    options = {"vad_threshold": "0"}
    return moonshine.Transcriber(str(model), moonshine.ModelArch.TINY, options=options)


@each_line
def test_a_recording_is_whole_frames_of_a_telephone_voice(spoken):
    assert len(spoken.audio) % 160 == 0
    sound = samples(spoken)
    loud = np.flatnonzero(np.abs(sound) > 0.005)
    assert loud[0] <= 320  # 40 ms
    assert len(sound) - 1 - loud[-1] <= 320
    assert integrated_loudness(np.tile(sound, 4), 8_000) == pytest.approx(-19, abs=1)
    assert np.abs(sound).max() < 0.95


def test_the_recordings_are_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ulaw")) < 400_000


def test_texts_recordings_and_recipes_name_the_same_lines():
    assert {path.stem for path in FOLDER.glob("*.ulaw")} == set(lines())
    assert {name: recipe.text for name, recipe in RECIPES.items()} == {
        spoken.name: spoken.text for spoken in LINES
    }


@each_line
def test_the_turn_model_takes_a_line_for_complete(spoken, turn_analyzer):
    heard = samples(spoken, before_ms=500, after_ms=200)
    assert turn_analyzer._predict_endpoint(heard)["probability"] > 0.6


@each_line
@pytest.mark.parametrize("silence_ms", [100, 450])
def test_the_offline_recogniser_understands_a_line_word_for_word(spoken, silence_ms, transcriber):
    import soxr

    sound = samples(spoken, before_ms=silence_ms, after_ms=silence_ms)
    heard = soxr.resample(sound, 8_000, 16_000)
    transcript = transcriber.transcribe_without_streaming(heard.tolist(), 16_000)
    assert words(" ".join(it.text for it in transcript.lines)) == words(spoken.text)


def test_a_line_is_found_by_its_name():
    assert line("goodbye").duration_ms == len(line("goodbye").audio) / 8
    with pytest.raises(UnknownLine, match="There are: .*goodbye"):
        line("sing")


def words(text: str) -> list[str]:
    spelt = text.lower().replace("good-by", "goodby")  # both spellings are right
    return re.findall(r"[a-z']+", spelt)
