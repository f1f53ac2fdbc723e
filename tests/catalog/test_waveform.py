"""catalog/waveform.py: the picture of a clip."""

import re

import numpy as np
import pytest

from catalog import mulaw, waveform


def of_levels(*levels: float) -> bytes:
    """100 samples of each level, of alternating sign."""
    signs = np.resize([1, -1], 100)
    samples = np.concatenate([signs * level * 32_767 for level in levels])
    return mulaw.encode(samples.astype("<i2").tobytes())


def test_it_gives_the_highest_swing_of_each_part() -> None:
    assert waveform.peaks(of_levels(0.1, 0.0, 0.9), 3) == pytest.approx((0.1, 0.0, 0.9), rel=0.05)


def test_full_scale_is_one_and_no_more() -> None:
    assert 0.97 < waveform.peaks(bytes([0x80, 0x00]), 1)[0] <= 1.0


@pytest.mark.parametrize(("length", "buckets"), [(0, 10), (800, 0), (800, -1)])
def test_it_gives_nothing_of_nothing(length: int, buckets: int) -> None:
    assert waveform.peaks(b"\xff" * length, buckets) == ()


@pytest.mark.parametrize(("length", "buckets"), [(5, 10), (7, 7), (1_001, 300), (480_000, 800)])
def test_every_sample_is_in_one_part(length: int, buckets: int) -> None:
    for at in (0, length // 2, length - 1):
        audio = bytearray(b"\xff" * length)
        audio[at] = 0x80
        seen = waveform.peaks(bytes(audio), buckets)
        assert len(seen) == min(length, buckets)
        assert sum(peak > 0 for peak in seen) == 1


def test_its_outline_is_mirrored_and_stays_within_the_picture() -> None:
    path = waveform.svg_path((0.0, 0.5, 1.0, 7.0), 400, 60)
    assert path.startswith("M") and path.endswith("Z")
    points = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+),([\d.]+)", path)]
    assert all(0 <= x <= 400 and 0 <= y <= 60 for x, y in points)
    for x, y in points:
        assert (x, 60 - y) in points
    assert (150.0, 15.0) in points


def test_it_draws_nothing_of_no_peaks() -> None:
    assert waveform.svg_path((), 400, 60) == ""
