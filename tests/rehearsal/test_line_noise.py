"""The noise of a caller's line is as loud as asked for, and a voice stays what it is in it."""

import base64

import numpy as np
import pytest

from rehearsal.caller.line_noise import noisy
from rehearsal.caller.mulaw import decode
from rehearsal.caller.stream_messages import SILENCE_PAYLOAD, frames
from rehearsal.speech import line


def samples(payload: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return decode(base64.b64decode(payload)).astype(np.float64)


@pytest.mark.parametrize("level_db", [-65.0, -45.0])
def test_silence_becomes_noise_of_that_level(level_db: float) -> None:
    second = [samples(noisy(SILENCE_PAYLOAD, level_db, at_ms)) for at_ms in range(0, 1_000, 20)]
    heard = np.concatenate(second)
    assert 20 * np.log10(np.sqrt(np.mean(heard**2)) / 32_768) == pytest.approx(level_db, abs=1.0)


def test_what_is_said_is_still_heard() -> None:
    spoken = frames(line("ask-hours").audio)[20]
    assert noisy(spoken, -45.0, 0) != spoken
    assert np.corrcoef(samples(spoken), samples(noisy(spoken, -45.0, 0)))[0, 1] > 0.95
