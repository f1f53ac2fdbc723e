"""How many frames a socket may send: a late network is let through, a flood of any kind is not."""

import pytest

from calls.frame_allowance import FrameAllowance
from calls.stream_limits import MESSAGES_AT_ONCE

MEDIA_BYTES = 450


def taken(
    allowance: FrameAllowance,
    frames: int,
    at: float,
    *,
    every_seconds: float = 0.0,
    size_bytes: int = MEDIA_BYTES,
    whole_message: bool = True,
) -> int:
    return sum(
        allowance.takes(size_bytes, whole_message, at + every_seconds * number)
        for number in range(frames)
    )


def test_it_takes_a_call_of_an_hour_with_a_mark_to_each_frame() -> None:
    assert taken(FrameAllowance(0.0), 360_000, 0.0, every_seconds=0.01) == 360_000


@pytest.mark.parametrize("late_seconds", [1.0, 5.0, 10.0])
def test_it_takes_what_a_late_network_brings_at_once(late_seconds: float) -> None:
    """Also when the first that comes is late already."""
    allowance, missed = FrameAllowance(0.0), int(late_seconds * 50)
    assert taken(allowance, missed, late_seconds) == missed
    assert taken(allowance, missed, 2.0 * late_seconds) == missed


def test_it_takes_as_many_messages_at_once_as_a_call_does() -> None:
    """A call that is flooded ends by its own limit, which hangs up."""
    most = int(MESSAGES_AT_ONCE)
    assert taken(FrameAllowance(0.0), most + 1, 10.0) == most + 1


def test_it_takes_no_flood() -> None:
    assert taken(FrameAllowance(0.0), 10_000, 0.0) < 100
    assert taken(FrameAllowance(0.0), 10_000, 60.0) < 1_000


def test_it_takes_few_pings_and_pieces() -> None:
    allowance = FrameAllowance(0.0)
    assert taken(allowance, 10_000, 0.0, size_bytes=0, whole_message=False) == 10
    assert taken(allowance, 10_000, 60.0, size_bytes=0, whole_message=False) <= 100


def test_it_takes_a_ping_a_second_beside_the_media() -> None:
    allowance = FrameAllowance(0.0)
    for second in range(3_600):
        assert allowance.takes(125, False, float(second))
        assert taken(allowance, 50, float(second), every_seconds=0.02) == 50


def test_large_frames_count_as_many() -> None:
    assert taken(FrameAllowance(0.0), 100, 0.0, size_bytes=65_536) == 1
    assert taken(FrameAllowance(0.0), 100, 60.0, size_bytes=65_536) == 15
