"""A frame of a WebSocket (RFC 6455) as Twilio sends fifty a second: text, masked, whole. Pure."""

from dataclasses import dataclass

WHOLE_TEXT = 0x81  # the last piece of a message, and the first; no extension
MASKED = 0x80
LONG = 126  # the length follows, in two bytes
KEY_BYTES = 4


@dataclass(frozen=True, slots=True)
class WholeFrame:
    """The first frame of some data: its text, still in UTF-8 or what claims to be, and its end."""

    text: bytes
    end: int  # in the data, in bytes


def whole_frame(data: bytes) -> WholeFrame | None:
    """None: it is anything else, has 65,536 bytes or more, or is not all there."""
    if len(data) < 2 + KEY_BYTES or data[0] != WHOLE_TEXT or not data[1] & MASKED:
        return None
    size, begin = data[1] & ~MASKED, 2
    if size == LONG:
        size, begin = int.from_bytes(data[2:4], "big"), 4
        if size < LONG:
            return None
    elif size > LONG:
        return None
    end = begin + KEY_BYTES + size
    if len(data) < end:
        return None
    key = data[begin : begin + KEY_BYTES]
    return WholeFrame(_unmasked(data[begin + KEY_BYTES : end], key), end)


def _unmasked(payload: bytes, key: bytes) -> bytes:
    """As one long number: 1 us for a frame of Twilio's."""
    size = len(payload)
    mask = (key * (size // KEY_BYTES + 1))[:size]
    plain = int.from_bytes(payload, "little") ^ int.from_bytes(mask, "little")
    return plain.to_bytes(size, "little")
