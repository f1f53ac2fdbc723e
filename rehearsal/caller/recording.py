"""Writes what was said and heard on a call as a stereo WAV: the caller left, the agent right."""

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rehearsal.caller import mulaw
from rehearsal.caller.microphone import Said
from rehearsal.caller.playout import Played
from rehearsal.speech import BYTES_PER_MS

SAMPLE_RATE = 8_000


def write_recording(
    path: Path, said: Iterable[Said], played: Iterable[Played], until_ms: float
) -> None:
    """Both tracks begin at the stream's start and are silent where nothing was said."""
    samples = np.zeros((max(1, round(until_ms * BYTES_PER_MS)), 2), dtype="<i2")
    for line in said:
        _lay(samples[:, 0], line.start_ms, line.audio)
    for piece in played:
        _lay(samples[:, 1], piece.start_ms, piece.audio)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.tobytes())


def _lay(track: npt.NDArray[np.int16], start_ms: float, audio: bytes) -> None:
    start = round(start_ms * BYTES_PER_MS)
    room = len(track) - start
    if room > 0:
        piece = mulaw.decode(audio[:room])
        track[start : start + len(piece)] = piece
