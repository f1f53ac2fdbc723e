"""How loud a voice is, and the gain that brings it to the telephone's level."""

import logging

import loudness
import numpy as np

from rehearsal.providers.pcm import Pcm, from_float

logger = logging.getLogger(__name__)

TARGET_LUFS = -19.0
PEAK = 0.89  # -1 dBFS


def gain_for(sample: Pcm) -> float:
    """Measured once for a voice, on a sentence: each sentence for itself would pump."""
    measured = float(loudness.integrated_loudness(sample.to_float(), sample.rate))
    if not np.isfinite(measured):
        return 1.0
    return float(10 ** ((TARGET_LUFS - measured) / 20))


def levelled(audio: Pcm, gain: float) -> Pcm:
    """Peaks above -1 dBFS are bent, not cut."""
    samples = audio.to_float() * gain
    bent = np.abs(samples) > PEAK / 2
    room = PEAK / 2
    samples[bent] = np.sign(samples[bent]) * (
        room + room * np.tanh((np.abs(samples[bent]) - room) / room)
    )
    return from_float(samples, audio.rate)
