"""Is this the agent's own voice, come back through the caller's telephone?

What comes in is compared with what was played: an echo has its shape, whatever its level and its
delay, and no caller has. By level alone a quiet caller and a loud echo are the same.
"""

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from calls.played import BYTES_PER_SECOND
from calls.playout import Playout
from catalog import mulaw

# Recorded sentences through mu-law: echoes of -10 to -35 dB are at 0.94 and above, another sentence
# above 0.50 in one window of a hundred, and at 0.81 once, for 0.2 s. A shorter window tells them
# apart less well. A loudspeaker in an echoing room changes the shape: that is left to the level.
WINDOW = 320 * 8  # samples
LATEST_ECHO_SECONDS = 0.5  # how late the agent's own voice may come back
ALIKE = 0.85
# Windows reach back to where the comparison may begin: 0.2 s more, for a loop that is late.
SEARCHED = 8_192  # samples; a power of two
QUIETEST = 60.0  # RMS of 16-bit samples, -55 dB: less than that is nobody's voice
EMPHASIS = 0.9  # without it vowels of like pitch are alike

Samples = npt.NDArray[np.float32]


class EchoGate:
    """Of one call. Measured for a piece of 40 ms: 0.5 ms when it is loud while the agent is heard,
    0.013 ms when it is not loud, 0.003 ms when nothing is heard.
    """

    def __init__(self, playout: Playout, now: Callable[[], float] = time.monotonic) -> None:
        self._playout = playout
        self._now = now
        self._heard: Samples = np.zeros(WINDOW, np.float32)

    def without_echo(self, pcm: bytes) -> bytes:
        """16-bit samples of the caller, or silence of that length in place of an echo."""
        piece = np.frombuffer(pcm, "<i2").astype(np.float32)[-WINDOW:]
        self._heard = np.concatenate((self._heard[len(piece) :], piece))
        if self._playout.quiet_seconds > LATEST_ECHO_SECONDS or loudness(piece) < QUIETEST:
            return pcm
        return bytes(len(pcm)) if self._is_echo() else pcm

    def _is_echo(self) -> bool:
        begin = self._now() - SEARCHED / BYTES_PER_SECOND
        played = mulaw.decode(self._playout.played.between(begin, SEARCHED))
        return likeness(self._heard, np.frombuffer(played, "<i2").astype(np.float32)) > ALIKE


def likeness(heard: Samples, played: Samples) -> float:
    """The best normalised cross-correlation of `heard` with any part of `played`, 0 to 1."""
    heard, played = _emphasised(heard), _emphasised(played)
    spectrum = np.fft.rfft(played) * np.conj(np.fft.rfft(heard, len(played)))
    product = np.fft.irfft(spectrum)[: len(played) - len(heard) + 1]
    energy = np.concatenate(([0.0], np.cumsum(np.square(played, dtype=np.float64))))
    parts = np.maximum(energy[len(heard) :] - energy[: -len(heard)], len(heard) * QUIETEST)
    return float(np.max(np.abs(product) / np.sqrt(parts * max(1.0, float(heard @ heard)))))


def _emphasised(samples: Samples) -> Samples:
    return np.append(samples[:1], samples[1:] - np.float32(EMPHASIS) * samples[:-1])


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0
