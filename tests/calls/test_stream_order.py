"""Gaps, repetitions and reordering, by Twilio's numbers and timestamps."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls import metrics
from calls.stream_order import LATE_IN_A_ROW, MOST_SILENCE_MS, StreamOrder

FRAME = 160


def gaps(numbers: list[Any]) -> float:
    order, before = StreamOrder(), metrics.stream_gaps._value.get()
    for number in numbers:
        order.count(number)
    return float(metrics.stream_gaps._value.get() - before)


@pytest.mark.parametrize(
    ("numbers", "counted"),
    [
        ([1, 2, 3, 4], 0),
        ([7, 8, 9], 0),
        ([1, 2, 4, 5], 1),
        ([1, 5, 9], 2),
        ([1, 2, 2, 3], 0),
        ([1, 2, 3, 2, 4], 0),
        ([1, None, 2], 0),
        ([10**400, 1, 2], 0),
    ],
)
def test_it_counts_the_gaps_in_the_numbers(numbers: list[Any], counted: int) -> None:
    assert gaps(numbers) == counted


def placed(*timestamps: int | None) -> list[int | None]:
    order = StreamOrder()
    return [order.silence_before(timestamp, FRAME) for timestamp in timestamps]


def test_it_takes_a_stream_as_twilio_sends_it() -> None:
    assert placed(*range(0, 4_000, 20)) == [0] * 200


@pytest.mark.parametrize("first_ms", [5, 25, 700, 60_000])
def test_it_begins_wherever_twilio_begins(first_ms: int) -> None:
    assert placed(first_ms, first_ms + 20) == [0, 0]


@pytest.mark.parametrize(
    ("gap_ms", "silence_ms"), [(0, 0), (20, 0), (200, 0), (201, 201), (900, 900), (60_000, 2_000)]
)
def test_it_fills_a_longer_gap_with_silence_up_to_a_bound(gap_ms: int, silence_ms: int) -> None:
    assert placed(0, 20 + gap_ms, 40 + gap_ms) == [0, silence_ms, 0]
    assert MOST_SILENCE_MS == 2_000


def test_it_drops_what_came_before_or_comes_too_late() -> None:
    before = metrics.late_audio._value.get()
    assert placed(0, 20, 20, 40, 0, 60) == [0, 0, None, 0, None, 0]
    assert metrics.late_audio._value.get() == before + 2


def test_it_bears_the_jitter_of_timestamps() -> None:
    assert placed(0, 19, 41, 59, 82, 100) == [0] * 6


def test_it_hears_a_caller_whose_timestamps_were_set_back() -> None:
    order = StreamOrder()
    order.silence_before(3_600_000, FRAME)
    answers = [order.silence_before(20 * number, FRAME) for number in range(200)]
    assert answers == [None] * LATE_IN_A_ROW + [0] * (200 - LATE_IN_A_ROW)


def test_it_takes_what_has_no_timestamp() -> None:
    assert placed(None, 0, None, 20) == [0, 0, 0, 0]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(), st.integers(0, 8_000))))
def test_whatever_the_timestamps_say_the_silence_is_bounded(pieces: list[tuple[int, int]]) -> None:
    order = StreamOrder()
    for timestamp, size in pieces:
        silence_ms = order.silence_before(timestamp, size)
        assert silence_ms is None or 0 <= silence_ms <= MOST_SILENCE_MS
