"""A recording at any sample rate as what a telephone can carry of it: 8 kHz, one channel."""

import numpy as np
import numpy.typing as npt

from catalog.mulaw import SAMPLE_RATE

Samples = npt.NDArray[np.float32]
Signal = npt.NDArray[np.float64]

# Below is no voice: what is there (a microphone's offset, wind) only takes headroom away. Cutting
# at 100 Hz instead would cost a deep voice 13 dB of signal-to-noise ratio.
LOWEST_HZ = (10.0, 20.0)
# All that 8 kHz can hold. Real speech has up to a 200th of its energy between 3.8 and 4 kHz, so
# that a gentler slope is heard in its s and f; above 4 kHz nothing may be left, it would be folded
# back into the voice.
HIGHEST_HZ = (3_960.0, 4_000.0)

_EDGE_SECONDS = 0.02
_EDGE_ORDER = 32
_EDGE_CONTEXT = 1_024


def in_one_channel(channels: Samples) -> Samples:
    """Both of (channels, samples) together; the louder one where they would cancel each other out.

    Both together are as loud as a stereo meter finds them, 3 dB above either when they are alike.
    """
    together: Samples = channels.sum(axis=0, dtype=np.float32) / np.float32(len(channels) ** 0.5)
    powers = np.square(channels).mean(axis=1)
    if float(np.square(together).mean()) >= 0.2 * float(powers.max()):
        return together
    louder: Samples = channels[int(powers.argmax())]
    return louder


def is_inaudible(resampled: Samples, original: Samples) -> bool:
    """Nearly all of it lay outside the band: what is left, mostly clicks, would be made a voice."""
    centred = original - original.mean(dtype=np.float64)
    if not len(resampled):
        return True
    return float(np.square(resampled).mean()) <= 1e-4 * float(np.square(centred).mean())


def at_telephone_rate(samples: Samples, sample_rate: int) -> Samples:
    """Resampled and band-limited in one step, without delay or shift of phase.

    `samples` are one channel. The result has `len(samples) * 8000 / sample_rate` samples, rounded
    up.
    """
    if not len(samples):
        return samples
    divisor = int(np.gcd(sample_rate, SAMPLE_RATE))
    edge = round(sample_rate * _EDGE_SECONDS)
    # A power of two times the ratio: whole numbers of samples at both rates, and quick transforms.
    needed = -(-(len(samples) + 2 * edge) * divisor // sample_rate)
    blocks = 1 << max(0, needed - 1).bit_length()
    before, after = blocks * (sample_rate // divisor), blocks * (SAMPLE_RATE // divisor)
    centred = samples - samples.mean(dtype=np.float64)
    continued = np.zeros(before)
    continued[: len(samples)] = centred
    continued[len(samples) : len(samples) + edge] = _continuation(centred, edge)
    # The transform is circular: what comes before the beginning stands at the end.
    continued[before - edge :] = _continuation(centred[::-1], edge)[::-1]
    spectrum = np.fft.rfft(continued)
    spectrum = _band_limited(spectrum[: after // 2 + 1], after)
    resampled = np.fft.irfft(spectrum, after) * (after / before)
    length = -(-len(samples) * SAMPLE_RATE // sample_rate)
    return resampled[:length].astype(np.float32)


def _band_limited(spectrum: npt.NDArray[np.complex128], length: int) -> npt.NDArray[np.complex128]:
    bins = np.zeros(length // 2 + 1, dtype=np.complex128)
    bins[: len(spectrum)] = spectrum
    frequencies = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    rising = np.clip((frequencies - LOWEST_HZ[0]) / (LOWEST_HZ[1] - LOWEST_HZ[0]), 0, 1)
    falling = np.clip((HIGHEST_HZ[1] - frequencies) / (HIGHEST_HZ[1] - HIGHEST_HZ[0]), 0, 1)
    limited: npt.NDArray[np.complex128] = bins * np.sin(np.pi / 2 * rising) ** 2
    limited *= np.sin(np.pi / 2 * falling) ** 2
    return limited


def _continuation(samples: Signal, length: int) -> Signal:
    """What plausibly comes after `samples`, fading out.

    A recording that begins or ends in the middle of a tone is, to a filter, a tone switched on: a
    click over all frequencies, 12 dB below the tone even when the tone itself is inaudible.
    Predicting the tone moves the click out of the recording.
    """
    weights = _prediction(samples[-_EDGE_CONTEXT:])
    history = np.concatenate([np.zeros(len(weights)), samples[-_EDGE_CONTEXT:], np.zeros(length)])
    for at in range(len(history) - length, len(history)):
        history[at] = weights @ history[at - len(weights) : at]
    fade = np.cos(np.linspace(0, np.pi / 2, length)) ** 2
    predicted: Signal = history[len(history) - length :] * fade
    return predicted


def _prediction(samples: Signal) -> Signal:
    """The weights, oldest sample first, of a linear prediction (Burg's method: it cannot grow)."""
    forward, backward = samples[1:], samples[:-1]
    weights = np.ones(1)
    for _ in range(min(_EDGE_ORDER, len(samples) // 3)):
        energy = forward @ forward + backward @ backward
        if energy <= 1e-20:
            break
        reflection = -2 * (backward @ forward) / energy
        padded = np.append(weights, 0.0)
        weights = padded + reflection * padded[::-1]
        forward, backward = (
            (forward + reflection * backward)[1:],
            (backward + reflection * forward)[:-1],
        )
    return -weights[:0:-1]
