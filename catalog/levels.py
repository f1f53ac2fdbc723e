"""Brings a recording to the level of a telephone voice: silence off, loudness up, peaks held."""

from dataclasses import dataclass

import loudness
import numpy as np

from catalog.true_peak import Samples, hold_below

TARGET_LUFS = -19.0
PEAK = 10 ** (-1 / 20)  # -1 dBTP
MOST_GAIN_DB = 40.0  # More would raise the room and not the voice.
LEAD_IN_SECONDS = 0.02
TAIL_SECONDS = 0.06
SHORTEST_MEASURED_SECONDS = 0.4  # EBU R 128 measures in blocks of this length.
_AUDIBLE_DB = -60.0
_WINDOW_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Trimmed:
    """`start` is how many samples were cut in front."""

    samples: Samples
    start: int


def trim_silence(samples: Samples, sample_rate: int) -> Trimmed:
    """Without the silence at both ends; empty when there is nothing but silence."""
    window = int(sample_rate * _WINDOW_SECONDS)
    if len(samples) < window:
        return Trimmed(samples[:0], 0)
    whole = samples[: len(samples) // window * window].reshape(-1, window)
    level_db = 20 * np.log10(np.sqrt(np.mean(np.square(whole), axis=1)) + 1e-9)
    audible = np.flatnonzero(level_db > max(_AUDIBLE_DB, float(level_db.max()) - 40.0))
    if not len(audible):
        return Trimmed(samples[:0], 0)
    first = max(0, int(audible[0]) * window - int(LEAD_IN_SECONDS * sample_rate))
    last = (int(audible[-1]) + 1) * window + int(TAIL_SECONDS * sample_rate)
    return Trimmed(samples[first:last], first)


def loudness_lufs(samples: Samples, sample_rate: int) -> float | None:
    """Integrated loudness (EBU R 128), or None for what is too short or too quiet to have one."""
    try:
        measured = float(loudness.integrated_loudness(samples, sample_rate))
    except ValueError:
        return None
    return measured if np.isfinite(measured) else None


def normalise(samples: Samples, sample_rate: int, *, target_lufs: float = TARGET_LUFS) -> Samples:
    """At `target_lufs`, no true peak above PEAK."""
    levelled, gain_db = samples, 0.0
    # Holding the peaks costs some loudness; the second round gives most of it back.
    for _ in range(2):
        measured = loudness_lufs(_long_enough(levelled, sample_rate), sample_rate)
        gain_db += 0.0 if measured is None else target_lufs - measured
        gain = np.float32(10 ** (min(gain_db, MOST_GAIN_DB) / 20))
        levelled = hold_below(samples * gain, PEAK, sample_rate)
    return levelled


def _long_enough(samples: Samples, sample_rate: int) -> Samples:
    """A single "Yes." is measured as if it were said again and again."""
    return np.resize(samples, max(len(samples), int(SHORTEST_MEASURED_SECONDS * sample_rate)))
