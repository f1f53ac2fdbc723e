"""Sound is what counts: silence and drops of sound fill no hole."""

import numpy as np
import pytest

from calls.pipeline.audible import Audible, is_audible

SECOND = 16_000  # bytes


@pytest.mark.parametrize(
    ("pcm", "audible"),
    [
        (b"", False),
        (b"\0", False),
        (b"\0\0" * 800, False),
        (np.full(800, -60, "<i2").tobytes(), False),
        (np.full(800, -2_000, "<i2").tobytes(), True),
        (b"\0\0" * 799 + np.array([30_000], "<i2").tobytes(), True),
        (np.array([-32_768], "<i2").tobytes() + b"\0", True),
    ],
)
def test_what_can_be_heard(pcm: bytes, audible: bool) -> None:
    assert is_audible(pcm) is audible


def test_a_voice_that_is_quicker_than_the_ear_leaves_no_hole() -> None:
    voice = Audible()
    voice.asked(100.0)
    voice.came(6 * SECOND, 100.4)
    assert voice.speaks
    assert voice.hole_seconds(106.0) == 0.0
    assert voice.hole_seconds(107.4) == pytest.approx(1.0)


def test_what_comes_late_and_then_steadily_is_forgiven() -> None:
    voice = Audible()
    voice.asked(100.0)
    for piece in range(100):
        now = 101.5 + 0.1 * piece
        assert voice.hole_seconds(now) < 1.51
        voice.came(SECOND // 10, now)
    assert voice.hole_seconds(111.4) < 0.1


@pytest.mark.parametrize("size_bytes", [2, 800])
def test_drops_of_sound_fill_no_hole(size_bytes: int) -> None:
    voice = Audible()
    voice.asked(100.0)
    for second in range(1, 4):
        voice.came(size_bytes, 100.0 + second)
    assert not voice.speaks
    assert voice.hole_seconds(103.1) > 2.0


def test_what_was_asked_after_a_pause_has_its_own_time() -> None:
    voice = Audible()
    voice.asked(100.0)
    voice.came(SECOND, 100.0)
    voice.asked(160.0)
    assert voice.hole_seconds(160.5) == pytest.approx(0.5)
    voice.came(10 * SECOND, 160.5)
    voice.interrupted(161.0)
    assert voice.hole_seconds(162.0) == pytest.approx(1.0)
