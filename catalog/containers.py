"""What a sound file says of its own end: is the last of its parts there, and how long should it be?

FFmpeg plays what it finds; these few numbers of each format tell whether that is everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_MPEG1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG_RATES = (44_100, 48_000, 32_000)
_STREAMED_MARGIN_BYTES = (
    4_096  # A program writing to a pipe leaves a size near the largest there is.
)


@dataclass(frozen=True, slots=True)
class Ending:
    """`seconds` and `cut_off` are None where the file does not say."""

    seconds: float | None = None
    cut_off: bool | None = None


def ending(data: bytes) -> Ending:
    """Of a whole file; never raises, whatever the bytes are."""
    if data.startswith(b"RIFF"):
        return _of_wav(data)
    if data.startswith(b"OggS"):
        return Ending(cut_off=_ogg_is_cut_off(data))
    if data[4:8] == b"ftyp":
        return Ending(_mp4_seconds(data), _mp4_is_cut_off(data))
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return Ending(cut_off=_matroska_is_cut_off(data))
    if frames := list(_adts_frames(data)):
        return Ending(cut_off=frames[-1] > len(data))
    return Ending()


def is_known(data: bytes) -> bool:
    """It begins like a sound file, or like another type that certainly is not raw mu-law."""
    known = (
        b"RIFF",
        b"ID3",
        b"fLaC",
        b"OggS",
        b"\x1a\x45\xdf\xa3",
        b"PK\x03\x04",
        b"%PDF",
        b"\x89PNG",
    )
    return data.startswith(known) or data[4:8] == b"ftyp" or is_mpeg_audio(data)


def is_mpeg_audio(data: bytes) -> bool:
    """Three frames of MP3 or AAC in a row: one frame's mark alone also occurs in quiet mu-law."""
    if len(list(zip(_adts_frames(data), range(3), strict=False))) == 3:
        return True
    at = 0
    for _ in range(3):
        length = _mp3_frame_bytes(data[at : at + 4])
        if not length:
            return False
        at += length
    return True


def guesses_its_length(data: bytes, format_name: str) -> bool:
    """FFmpeg divides the file's size by the first frame's bit rate: wrong if the rate varies."""
    if format_name == "mp3":
        first = data[_id3_bytes(data) :][:4_096]
        return not any(mark in first for mark in (b"Xing", b"Info", b"VBRI"))
    return format_name == "aac"


def _of_wav(data: bytes) -> Ending:
    bytes_per_second = 0
    for name, start, size in _riff_chunks(data):
        if name == b"fmt ":
            bytes_per_second = int.from_bytes(data[start + 8 : start + 12], "little")
        elif name == b"data":
            streamed = size == 0 or any(
                most - _STREAMED_MARGIN_BYTES <= size <= most for most in (0x7FFFFFFF, 0xFFFFFFFF)
            )
            if streamed or not bytes_per_second:
                return Ending()
            return Ending(size / bytes_per_second, start + size > len(data))
    return Ending()


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], at + 8, size
        at += 8 + size + size % 2


def _ogg_is_cut_off(data: bytes) -> bool | None:
    """True if it ends within a page, False if its last page is marked so; else nobody can know."""
    at = data.rfind(b"OggS")
    table = data[at + 27 : at + 27 + data[at + 26]] if at + 26 < len(data) else b""
    if not table or len(table) < data[at + 26] or at + 27 + len(table) + sum(table) > len(data):
        return True
    return False if data[at + 5] & 4 else None


def _mp4_is_cut_off(data: bytes) -> bool:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size == 0:
            return False
        at += max(8, size)
    return at != len(data)


def _mp4_seconds(data: bytes) -> float | None:
    """None where it was made as it was sent: a browser's recorder writes 0, or all bits set."""
    at = data.find(b"mvhd") + 4
    if at < 4 or at + 32 > len(data):
        return None
    wide = data[at] == 1
    units_at, length_bytes = (at + 20, 8) if wide else (at + 12, 4)
    units = int.from_bytes(data[units_at : units_at + 4], "big")
    length = int.from_bytes(data[units_at + 4 : units_at + 4 + length_bytes], "big")
    if not units or not length or length == (1 << 8 * length_bytes) - 1:
        return None
    return length / units


def _matroska_is_cut_off(data: bytes) -> bool | None:
    """What a browser's recorder writes has no size: it was sent while it was made."""
    head_bytes, head_size = _ebml_size(data[4:12])
    segment = 4 + head_bytes + head_size
    if data[segment : segment + 4] != b"\x18\x53\x80\x67":
        return None
    size_bytes, size = _ebml_size(data[segment + 4 : segment + 12])
    if size == (1 << 7 * size_bytes) - 1:
        return None
    return segment + 4 + size_bytes + size > len(data)


def _ebml_size(data: bytes) -> tuple[int, int]:
    """How many bytes the number takes, and the number."""
    if not data or not data[0]:
        return 1, 0
    length = 9 - data[0].bit_length()
    return length, int.from_bytes(data[:length], "big") & ((1 << 7 * length) - 1)


def _adts_frames(data: bytes) -> Iterator[int]:
    """Where each AAC frame ends, as far as one follows the other."""
    at = _id3_bytes(data)
    while at + 7 <= len(data) and data[at] == 0xFF and data[at + 1] & 0xF6 == 0xF0:
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        if length < 7:
            return
        at += length
        yield at


def _mp3_frame_bytes(head: bytes) -> int:
    """0 if `head` does not begin a frame of MPEG layer III."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[1] & 0x18 == 0x08:
        return 0
    rate_index, version1 = head[2] >> 2 & 3, head[1] & 0x18 == 0x18
    kbps = (_MPEG1_KBPS if version1 else _MPEG2_KBPS)[head[2] >> 4] if head[2] < 0xF0 else 0
    if not kbps or rate_index == 3:
        return 0
    rate = _MPEG_RATES[rate_index] >> (0 if version1 else 1 if head[1] & 0x10 else 2)
    return (144 if version1 else 72) * kbps * 1_000 // rate + (head[2] >> 1 & 1)


def _id3_bytes(data: bytes) -> int:
    if not data.startswith(b"ID3") or len(data) < 10:
        return 0
    return 10 + sum(
        (byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True)
    )
