"""Where in the audio somebody speaks. Pure."""

import numpy as np

from rehearsal.providers.pcm import Pcm

FRAME_MS = 5
LOUD_ENOUGH = 180  # RMS of 16-bit samples, about -45 dBFS: above the noise of a line
LEAST_SPEECH_MS = 60
MARGIN_MS = 200  # kept on both sides: soft consonants begin and end below the threshold
PADDING_MS = 250  # silence put around that: words at the very edge are misheard


def speech_in(audio: Pcm) -> Pcm | None:
    """The speech with a little silence around it; None when there is nothing but silence."""
    size = audio.rate * FRAME_MS // 1000
    count = len(audio.samples) // size
    frames = audio.samples[: count * size].reshape(count, size).astype(np.float32)
    loud = np.flatnonzero(np.sqrt(np.mean(frames**2, axis=1)) >= LOUD_ENOUGH)
    if len(loud) * FRAME_MS < LEAST_SPEECH_MS:
        return None
    margin = MARGIN_MS // FRAME_MS
    first, last = max(0, int(loud[0]) - margin), int(loud[-1]) + 1 + margin
    padding = audio.rate * PADDING_MS // 1000
    return Pcm(np.pad(audio.samples[first * size : last * size], padding), audio.rate)
