"""16-bit samples back to the mu-law codes they came from. Pure."""

import numpy as np

from rehearsal.caller.mulaw import decode
from rehearsal.providers.pcm import Samples

OTHER_ZERO = 0x7F  # mu-law writes 0 in two ways; silence on the telephone is 0xFF


def _nearest_codes() -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    """The nearest code for each of the 65,536 samples, indexed by its unsigned bits."""
    codes = np.array([code for code in range(256) if code != OTHER_ZERO], dtype=np.uint8)
    levels = decode(codes.tobytes()).astype(np.int32)
    order = np.argsort(levels)
    between = (levels[order][1:] + levels[order][:-1]) / 2
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16)
    return codes[order][np.searchsorted(between, samples)]


_CODES = _nearest_codes()


def encode(samples: Samples) -> bytes:
    return _CODES[samples.view(np.uint16)].tobytes()
