"""G.711 mu-law to 16-bit samples, and back. Pure."""

import numpy as np
import numpy.typing as npt


def _expand() -> npt.NDArray[np.int16]:
    inverted = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((inverted & 0x0F) << 3) + 0x84) << ((inverted >> 4) & 0x07)) - 0x84
    return np.where(inverted & 0x80, -magnitude, magnitude).astype(np.int16)


_SAMPLES = _expand()


# The positive half from the quietest to the loudest, and what lies between two of its values.
_LEVELS = _SAMPLES[0x80:][::-1].astype(np.int32)
_BORDERS = (_LEVELS[1:] + _LEVELS[:-1]) // 2


def decode(audio: bytes) -> npt.NDArray[np.int16]:
    return _SAMPLES[np.frombuffer(audio, dtype=np.uint8)]


def encode(samples: npt.NDArray[np.floating] | npt.NDArray[np.integer]) -> bytes:
    """Each sample becomes the nearest that mu-law knows; what is too loud, the loudest."""
    levels = np.searchsorted(_BORDERS, np.abs(samples))
    codes = 0xFF - levels
    signed: npt.NDArray[np.uint8] = np.where(samples < 0, codes & 0x7F, codes).astype(np.uint8)
    return signed.tobytes()


def mixed(voice: bytes, other: bytes, level_db: float) -> bytes:
    """Both at once, the other made so much louder. `other` may be shorter."""
    samples = decode(voice).astype(np.float64)
    samples[: len(other)] += decode(other) * 10 ** (level_db / 20)
    return encode(samples)
