"""Brings a recording to the level of a telephone voice: silence off, loudness up, peaks held."""

import loudness
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

TARGET_LUFS = -19.0
PEAK = 10 ** (-1 / 20)  # -1 dBFS
MOST_GAIN_DB = 40.0  # More would raise the room and not the voice.
LEAD_IN_SECONDS = 0.02
TAIL_SECONDS = 0.06
_WINDOW_SECONDS = 0.01


def trim_silence(samples: Samples, sample_rate: int) -> Samples:
    """Without the silence at both ends; empty when there is nothing but silence."""
    window = int(sample_rate * _WINDOW_SECONDS)
    if len(samples) < window:
        return samples[:0]
    whole = samples[: len(samples) // window * window].reshape(-1, window)
    level_db = 20 * np.log10(np.sqrt(np.mean(np.square(whole), axis=1)) + 1e-9)
    audible = np.flatnonzero(level_db > max(-60.0, float(level_db.max()) - 40.0))
    if not len(audible):
        return samples[:0]
    first = int(audible[0]) * window - int(LEAD_IN_SECONDS * sample_rate)
    last = (int(audible[-1]) + 1) * window + int(TAIL_SECONDS * sample_rate)
    return samples[max(0, first) : last]


def loudness_lufs(samples: Samples, sample_rate: int) -> float | None:
    """Integrated loudness (EBU R 128), or None for what is too short or too quiet to have one."""
    try:
        measured = float(loudness.integrated_loudness(samples, sample_rate))
    except ValueError:
        return None
    return measured if np.isfinite(measured) else None


def normalise(samples: Samples, sample_rate: int) -> Samples:
    """At TARGET_LUFS, no sample above PEAK."""
    levelled, gain_db = samples, 0.0
    # Holding the peaks costs some loudness; the second round gives most of it back.
    for _ in range(2):
        measured = loudness_lufs(levelled, sample_rate)
        gain_db += 0.0 if measured is None else TARGET_LUFS - measured
        gain = np.float32(10 ** (min(gain_db, MOST_GAIN_DB) / 20))
        levelled = hold_peaks(samples * gain, sample_rate)
    return levelled


def hold_peaks(samples: Samples, sample_rate: int) -> Samples:
    """A look-ahead limiter: the gain falls before a peak and rises after it, over 5 ms each."""
    if not len(samples) or float(np.abs(samples).max()) <= PEAK:
        return samples
    reach = int(sample_rate * 0.005)
    needed = np.minimum(1.0, PEAK / np.maximum(np.abs(samples), 1e-9))
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(needed, 2 * reach, mode="edge"), 2 * reach + 1
    ).min(axis=1)
    gain = np.convolve(around, np.full(2 * reach + 1, 1 / (2 * reach + 1)), mode="valid")
    return (samples * gain).astype(np.float32)
