"""catalog/mulaw.py: the telephone's audio, byte for byte as G.711 has it."""

import base64
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import mulaw

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

EVERY_SAMPLE = np.arange(65_536, dtype="<u2").tobytes()
EVERY_BYTE = bytes(range(256))


def test_it_encodes_every_sample_as_g711_does() -> None:
    assert mulaw.encode(EVERY_SAMPLE) == audioop.lin2ulaw(EVERY_SAMPLE, 2)


def test_it_decodes_every_byte_as_g711_does() -> None:
    assert mulaw.decode(EVERY_BYTE) == audioop.ulaw2lin(EVERY_BYTE, 2)


def test_its_silence_is_silent() -> None:
    assert mulaw.decode(bytes([mulaw.SILENCE])) == b"\0\0"
    assert mulaw.encode(b"\0\0") == bytes([mulaw.SILENCE])


@pytest.mark.parametrize(("length", "padded"), [(0, 0), (1, 160), (160, 160), (161, 320)])
def test_it_pads_with_silence_to_whole_frames(length: int, padded: int) -> None:
    audio = mulaw.pad_to_frame(b"\x01" * length)
    assert len(audio) == padded
    assert audio[length:] == b"\xff" * (padded - length)


def test_it_cuts_payloads_of_half_a_second() -> None:
    pieces = mulaw.payloads(b"\x01" * 9_000)
    assert [len(base64.b64decode(piece)) for piece in pieces] == [4_000, 4_000, 1_120]


def test_it_makes_no_payload_of_no_audio() -> None:
    assert mulaw.payloads(b"") == ()


@given(st.binary(max_size=20_000), st.integers(min_value=1, max_value=2_000))
def test_its_payloads_are_the_audio_in_whole_frames(audio: bytes, ms: int) -> None:
    pieces = [base64.b64decode(piece) for piece in mulaw.payloads(audio, ms)]
    assert b"".join(pieces) == mulaw.pad_to_frame(audio)
    assert all(piece and len(piece) % mulaw.FRAME_BYTES == 0 for piece in pieces)
