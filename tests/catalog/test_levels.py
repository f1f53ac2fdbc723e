"""catalog/levels.py: silence off, loudness up, peaks held."""

import numpy as np
import pytest

from catalog import levels
from catalog.true_peak import hold_below, true_peak
from tests.catalog.recordings import Samples, silence, voice

RATE = 8_000


def peak(samples: Samples) -> float:
    return float(np.abs(samples).max())


def test_it_cuts_silence_at_both_ends_and_keeps_the_voice() -> None:
    spoken = voice(1.0, RATE)
    noise = np.random.default_rng(1).normal(0, 1e-4, RATE).astype(np.float32)
    trimmed = levels.trim_silence(np.concatenate([noise, spoken, noise]), RATE)
    kept = trimmed.samples
    assert trimmed.start == RATE - int(levels.LEAD_IN_SECONDS * RATE)
    assert 1.0 <= len(kept) / RATE <= 1.1
    start = int(levels.LEAD_IN_SECONDS * RATE)
    assert np.allclose(kept[start : start + len(spoken)], spoken)


def test_it_keeps_a_pause_in_the_middle() -> None:
    spoken = np.concatenate([voice(0.5, RATE), silence(2.0, RATE), voice(0.5, RATE)])
    assert len(levels.trim_silence(spoken, RATE).samples) / RATE >= 3.0


@pytest.mark.parametrize("seconds", [0.0, 0.005, 3.0])
def test_it_leaves_nothing_of_silence(seconds: float) -> None:
    assert len(levels.trim_silence(silence(seconds, RATE), RATE).samples) == 0


@pytest.mark.parametrize("level", [0.003, 0.05, 0.9])
def test_it_brings_quiet_and_loud_voices_to_one_loudness(level: float) -> None:
    loudness = levels.loudness_lufs(levels.normalise(voice(2.0, RATE, level), RATE), RATE)
    assert loudness == pytest.approx(levels.TARGET_LUFS, abs=0.3)


def test_it_holds_a_click_that_would_exceed_the_peak() -> None:
    spoken = voice(2.0, RATE, 0.01)
    spoken[RATE] = 1.0
    levelled = levels.normalise(spoken, RATE)
    assert peak(levelled) <= levels.PEAK + 1e-6
    assert levels.loudness_lufs(levelled, RATE) == pytest.approx(levels.TARGET_LUFS, abs=1.0)


def test_it_brings_a_voice_to_the_loudness_that_was_set() -> None:
    levelled = levels.normalise(voice(2.0, RATE), RATE, target_lufs=-23.0)
    assert levels.loudness_lufs(levelled, RATE) == pytest.approx(-23.0, abs=0.3)


def test_it_sees_a_peak_between_two_samples() -> None:
    """A tone at a quarter of the rate, sampled 45 degrees beside its peaks: 3 dB higher."""
    samples = np.resize([0.5, 0.5, -0.5, -0.5], 8_000).astype(np.float32)
    assert true_peak(samples[1_000:-1_000]) >= 0.5 * 2**0.5
    held = hold_below(samples, 0.5, RATE)
    assert true_peak(held[1_000:-1_000]) == pytest.approx(0.5, rel=0.15)
    assert peak(held[1_000:-1_000]) == pytest.approx(0.5 / 2**0.5, rel=0.02)


def test_it_does_not_raise_a_whisper_without_end() -> None:
    whisper = voice(2.0, RATE, 0.0006)
    before = levels.loudness_lufs(whisper, RATE)
    after = levels.loudness_lufs(levels.normalise(whisper, RATE), RATE)
    assert before is not None and after is not None
    assert after - before == pytest.approx(levels.MOST_GAIN_DB, abs=1.0)


def test_it_has_no_loudness_for_what_is_too_short_to_have_one() -> None:
    assert levels.loudness_lufs(voice(0.2, RATE), RATE) is None
