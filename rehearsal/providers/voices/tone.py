"""A soft tone for each word: audible, quick, in need of nothing, and not speech."""

import numpy as np
import numpy.typing as npt

from rehearsal.providers.pcm import Pcm, from_float

RATE = 24_000
MS_PER_CHARACTER = 60
LEAST_WORD_MS = 120
PITCHES_HZ = (262, 294, 330, 392, 440)
EDGE_MS = 15  # without a soft edge each tone clicks
AMPLITUDE = 0.182  # measured: with the pauses between the tones, -19 LUFS


class ToneVoice:
    name = "tone"
    threads = 1

    def speak(self, sentence: str, language: str) -> Pcm:
        words = sentence.split()
        if not words:
            return Pcm(np.zeros(0, dtype=np.int16), RATE)
        return from_float(np.concatenate([_tone(word) for word in words]), RATE)


def _tone(word: str) -> npt.NDArray[np.float32]:
    """The last tenth of it is the pause before the next word."""
    whole = RATE * max(LEAST_WORD_MS, MS_PER_CHARACTER * (len(word) + 1)) // 1000
    sounding = whole * 9 // 10
    seconds = np.arange(sounding, dtype=np.float32) / RATE
    tone = AMPLITUDE * np.sin(2 * np.pi * PITCHES_HZ[len(word) % len(PITCHES_HZ)] * seconds)
    edge = np.linspace(0.0, 1.0, RATE * EDGE_MS // 1000, dtype=np.float32)
    tone[: len(edge)] *= edge
    tone[-len(edge) :] *= edge[::-1]
    return np.concatenate([tone, np.zeros(whole - sounding, dtype=np.float32)]).astype(np.float32)
