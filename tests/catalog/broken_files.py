"""Hundreds of files that are not what they seem, the same ones in every run.

`broken_files()` gives all of them as (file name, content); the functions before it, one kind each.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np

from tests.catalog.recordings import FORMATS, recording

BrokenFile = tuple[str, bytes]

TEN_HOURS = 36_000


@cache
def _whole(ending: str) -> bytes:
    return recording(ending, 1.0)


def damaged(ending: str) -> Iterator[BrokenFile]:
    """Of one format: cut off at eleven places, bytes changed, a part overwritten or missing."""
    data = _whole(ending)
    random = np.random.default_rng(sorted(FORMATS).index(ending))
    for at in (1, 4, 12, 44, 200, *(len(data) * part // 100 for part in (10, 33, 50, 80, 95, 99))):
        yield f"cut-at-{at}.{ending}", data[:at]
    for count in (1, 1, 1, 3, 3, 10, 10, 100, 1_000):
        yield f"{count}-bytes-changed.{ending}", _changed(data, random, count, len(data))
    for count in (1, 1, 2, 4, 8):  # The header is where a byte changes the most.
        yield f"{count}-bytes-of-header-changed.{ending}", _changed(data, random, count, 128)
    noise, middle = random.bytes(len(data) // 6), len(data) // 2
    yield f"noise-within.{ending}", data[:middle] + noise + data[middle + len(noise) :]
    yield f"zeros-within.{ending}", data[:middle] + bytes(len(noise)) + data[middle + len(noise) :]
    yield f"hole-within.{ending}", data[:middle] + data[middle + len(noise) :]
    yield f"noise-before.{ending}", noise + data
    yield f"twice.{ending}", data + data


def _changed(data: bytes, random: np.random.Generator, count: int, within: int) -> bytes:
    changed = bytearray(data)
    for at in random.integers(0, min(within, len(data)), count):
        changed[at] ^= int(random.integers(1, 256))
    return bytes(changed)


def renamed() -> Iterator[BrokenFile]:
    """Each format under the name of others, and as raw mu-law."""
    endings = sorted(FORMATS)
    for place, ending in enumerate(endings):
        yield f"really-{ending}.{endings[place - 1]}", _whole(ending)
        yield f"really-{ending}.ulaw", _whole(ending)
        yield f"cut-{ending}.raw", _whole(ending)[: len(_whole(ending)) // 2]


def bombs() -> Iterator[BrokenFile]:
    """Small files of huge content."""
    for ending in ("wav", "mp3", "ulaw"):
        yield f"zip-bomb.{ending}", _zip_bomb()
        yield f"png-bomb.{ending}", _png_bomb()
    yield "cover-art-bomb.mp3", _id3_picture(_png_bomb()) + _whole("mp3")
    yield "endless-tag.mp3", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(1_000)
    yield "gzip-bomb.webm", zlib.compress(bytes(50_000_000), 9)


@cache
def _zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("greeting.wav", bytes(100_000_000))
    return file.getvalue()


@cache
def _png_bomb() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(30_000 * 3_751), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def _id3_picture(picture: bytes) -> bytes:
    frame = b"\0image/png\0\3\0" + picture
    content = b"APIC" + struct.pack(">I", len(frame)) + b"\0\0" + frame
    size = bytes(len(content) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + content


def claims_of_ten_hours() -> Iterator[BrokenFile]:
    """A second of sound under a header that claims ten hours."""
    wav, flac, mp3 = bytearray(_whole("wav")), bytearray(_whole("flac")), bytearray(_whole("mp3"))
    at = wav.index(b"data") + 4
    wav[at : at + 4] = struct.pack("<I", TEN_HOURS * 8_000 * 2)
    wav[28:32] = struct.pack("<I", 8_000 * 2)
    wav[4:8] = struct.pack("<I", TEN_HOURS * 8_000 * 2 + at)
    yield "ten-hours.wav", bytes(wav)
    samples = TEN_HOURS * 48_000
    flac[21] = flac[21] & 0xF0 | samples >> 32
    flac[22:26] = struct.pack(">I", samples & 0xFFFFFFFF)
    yield "ten-hours.flac", bytes(flac)
    at = next(mp3.index(mark) for mark in (b"Xing", b"Info") if mark in mp3)
    mp3[at + 8 : at + 12] = struct.pack(">I", TEN_HOURS * 44_100 // 1_152)
    yield "ten-hours.mp3", bytes(mp3)
    for ending in ("ogg", "opus"):
        yield f"ten-hours.{ending}", _ogg_of_ten_hours(_whole(ending))
    yield "ten-hours.m4a", _mp4_of_ten_hours(_whole("m4a"))
    webm = bytearray(_whole("webm"))
    at = webm.index(b"\x44\x89\x88") + 3
    webm[at : at + 8] = struct.pack(">d", TEN_HOURS * 1_000.0)
    yield "ten-hours.webm", bytes(webm)


def _ogg_of_ten_hours(data: bytes) -> bytes:
    ogg = bytearray(data)
    at = data.rfind(b"OggS")
    ogg[at + 6 : at + 14] = struct.pack("<q", TEN_HOURS * 48_000)
    ogg[at + 22 : at + 26] = bytes(4)
    ogg[at + 22 : at + 26] = struct.pack("<I", _ogg_checksum(bytes(ogg[at:])))
    return bytes(ogg)


def _ogg_checksum(page: bytes) -> int:
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1 ^ (0x04C11DB7 if checksum & 0x80000000 else 0)) & 0xFFFFFFFF
    return checksum


def _mp4_of_ten_hours(data: bytes) -> bytes:
    """Every header of it that tells a duration."""
    mp4 = bytearray(data)
    for kind, units_at, length_at in ((b"mvhd", 16, 20), (b"mdhd", 16, 20)):
        at = data.index(kind)
        (units,) = struct.unpack_from(">I", data, at + units_at)
        struct.pack_into(">I", mp4, at + length_at, TEN_HOURS * units)
    at = data.index(b"stts")
    struct.pack_into(">I", mp4, at + 12, TEN_HOURS * 44_100 // 1_024)
    return bytes(mp4)


def other_types() -> Iterator[BrokenFile]:
    """No sound at all, or words that ask a decoder to open something else."""
    random = np.random.default_rng(20)
    song = (
        b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", 4) + b"\0\xff/\0"
    )
    contents = {
        "empty": b"",
        "one-byte": b"\0",
        "text": b"Thank you for calling. " * 500,
        "page": b"<!doctype html><html><audio src='/a.mp3'></audio></html>",
        "pdf": b"%PDF-1.7\n" + random.bytes(20_000),
        "midi": song,
        "photo": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + random.bytes(20_000),
        "program": b"\x7fELF\2\1\1" + random.bytes(20_000),
        "noise": random.bytes(100_000),
        "little-noise": random.bytes(300),
        "zeros": bytes(100_000),
        "ones": b"\xff" * 100_000,
        "m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n",
        "m3u8-file": b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "concat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        "dash": b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
        "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\nc=IN IP4 127.0.0.1\n",
    }
    for name, content in contents.items():
        for ending in ("mp3", "wav"):
            yield f"{name}.{ending}", content
        yield f"{name}.ulaw", content


def broken_files() -> Iterator[BrokenFile]:
    for ending in FORMATS:
        yield from damaged(ending)
    yield from renamed()
    yield from bombs()
    yield from claims_of_ten_hours()
    yield from other_types()
