"""What both sides play first, and what both models are told."""

import numpy as np

from rehearsal.caller.mulaw import encode

RATE = 8_000
SECONDS = 3
WORDS = tuple(f"word{number}" for number in range(1, 31))
TEXT = " ".join(WORDS)
# Hours that are read out in some seconds: long enough to be interrupted.
PROMPT = "You work for Birch. Open Monday to Saturday from 9 to 5, but for holidays."
MODEL, STT_MODEL, TTS_MODEL = "gpt-4.1-mini", "ink-whisper", "sonic-3"
VOICE = "a0e99841-438c-4a64-b679-ae501e7d6091"


def pcm() -> bytes:
    """A tone, 16-bit at 8 kHz."""
    samples = 8_000 * np.sin(2 * np.pi * 300 * np.arange(SECONDS * RATE) / RATE)
    return bytes(samples.astype("<i2").tobytes())


def mulaw() -> bytes:
    return encode(np.frombuffer(pcm(), dtype="<i2"))
