"""The short way of reading a frame says the same as RFC 6455, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.whole_frames import WholeFrame, whole_frame


def text_frame(payload: bytes, key: bytes = b"\x12\x00\xff\x7f") -> bytes:
    """Written out as the standard's section 5.3 says it."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    masked = bytes(octet ^ key[index % 4] for index, octet in enumerate(payload))
    return b"\x81" + length + key + masked


@given(st.binary(max_size=700), st.binary(min_size=4, max_size=4), st.binary(max_size=20))
def test_it_reads_what_was_masked_and_leaves_the_rest(
    payload: bytes, key: bytes, further: bytes
) -> None:
    data = text_frame(payload, key)
    assert whole_frame(data + further) == WholeFrame(payload, len(data))


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535])
def test_it_reads_every_length_that_two_bytes_can_say(size: int) -> None:
    frame = whole_frame(text_frame(b"x" * size))
    assert frame is not None and frame.text == b"x" * size


@given(st.binary(max_size=300), st.data())
def test_a_frame_that_is_not_all_there_is_left(payload: bytes, data: st.DataObject) -> None:
    whole = text_frame(payload)
    assert whole_frame(whole[: data.draw(st.integers(0, len(whole) - 1))]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01" + text_frame(b"a piece of a message")[1:],
        b"\x80" + text_frame(b"the last piece of one")[1:],
        b"\x82" + text_frame(b"binary")[1:],
        b"\x88" + text_frame(b"\x03\xe8")[1:],
        b"\x89" + text_frame(b"a ping")[1:],
        b"\xc1" + text_frame(b"compressed")[1:],
        b"\x81\x05" + b"hello, not masked",
        b"\x81\xfe\x00\x05" + b"\x00" * 4 + b"a length longer than it has to be",
        b"\x81\xff" + (70_000).to_bytes(8, "big") + b"\x00" * 70_004,
    ],
)
def test_what_is_anything_else_is_left_to_autobahn(data: bytes) -> None:
    assert whole_frame(data) is None
