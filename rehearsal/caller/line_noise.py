"""What a telephone line is heard to do while nobody speaks: white noise. Pure."""

import base64
import functools

import numpy as np

from rehearsal.caller.mulaw import decode, encode
from rehearsal.caller.stream_messages import FRAME_MS, SILENCE_PAYLOAD

SAMPLES = 160  # in 20 ms
FRAMES = 50  # a second of it, which comes again
FULL_SCALE = 32_768.0


@functools.cache
def _noise(level_db: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    made = np.random.default_rng(0).normal(size=(FRAMES, SAMPLES))
    return made * FULL_SCALE * 10 ** (level_db / 20)


@functools.cache
def _alone(level_db: float, number: int) -> str:
    return base64.b64encode(encode(_noise(level_db)[number])).decode()


def noisy(payload: str, level_db: float, now_ms: int) -> str:
    """20 ms of mu-law in base64, with noise of that level (RMS, below full scale) in it."""
    number = now_ms // FRAME_MS % FRAMES
    if payload == SILENCE_PAYLOAD:
        return _alone(level_db, number)
    samples = decode(base64.b64decode(payload)) + _noise(level_db)[number]
    return base64.b64encode(encode(samples)).decode()
