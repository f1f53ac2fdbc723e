"""Where in the audio somebody speaks. Pure."""

import numpy as np

from rehearsal.providers.pcm import Pcm

LOUD_ENOUGH = 400  # of 32,768: about -38 dBFS, above the noise of a line
LEAST_LOUD_MS = 10  # loud samples, all told: less than that is a click
MARGIN_MS = 150  # kept on both sides: soft consonants begin and end below the threshold
PADDING_MS = 50  # silence put around that: words at the very edge are misheard


def speech_in(audio: Pcm) -> Pcm | None:
    """The speech with a little silence around it; None when there is nothing but silence.

    Cut by the sample, not by the frame: the same speech gives the same samples wherever in the
    audio it stands, and so the same text.
    """
    loud = np.flatnonzero(np.abs(audio.samples.astype(np.int32)) >= LOUD_ENOUGH)
    if len(loud) < audio.rate * LEAST_LOUD_MS // 1000:
        return None
    margin = audio.rate * MARGIN_MS // 1000
    begin, end = int(loud[0]), int(loud[-1]) + 1 + 2 * margin
    speech = np.pad(audio.samples, margin)[begin:end]
    return Pcm(np.pad(speech, audio.rate * PADDING_MS // 1000), audio.rate)
