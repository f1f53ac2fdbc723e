"""Real people's voices, as a file to upload and as what the fake microphone hears."""

import numpy as np

from tests.catalog.measuring import Signal, file_of, real_speech
from tests.catalog.recordings import Samples

MICROPHONE_SECONDS = 2.6


def mp3(start_seconds: float = 0.0, seconds: float = 4.0) -> bytes:
    """64 kbit/s, mono, 48 kHz."""
    samples, rate = real_speech("two_cities")
    first = int(start_seconds * rate)
    return file_of(samples[first : first + int(seconds * rate)], rate, "mp3", "libmp3lame", 64)


def said_to_the_microphone() -> tuple[Samples, int]:
    """Someone speaks for MICROPHONE_SECONDS: mono samples, and their rate in hertz."""
    samples, rate = real_speech("beckett", MICROPHONE_SECONDS)
    return np.asarray(samples, dtype=np.float32), rate


def as_signal(samples: Samples) -> Signal:
    return np.asarray(samples, dtype=np.float64)
