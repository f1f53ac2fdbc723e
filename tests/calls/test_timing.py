"""Milliseconds from the stream's start."""

import dataclasses

import pytest

from calls.call_record import TIMINGS
from calls.timing import CallClock, Timings
from tests.calls.fake_clock import FakeClock


def test_it_counts_milliseconds_from_the_start() -> None:
    clock = FakeClock()
    call_clock = CallClock(clock)
    assert call_clock.ms() == 0.0
    clock.advance(1.25)
    assert call_clock.ms() == pytest.approx(1_250.0)


def test_it_places_moments_before_and_after_the_start() -> None:
    clock = FakeClock(50.0)
    call_clock = CallClock(clock)
    assert call_clock.ms_at(49.5) == pytest.approx(-500.0)
    assert call_clock.ms_at(52.0) == pytest.approx(2_000.0)


def test_it_runs_on_the_monotonic_clock() -> None:
    call_clock = CallClock()
    first = call_clock.ms()
    assert 0.0 <= first <= call_clock.ms() < 5_000.0


def test_every_timing_is_unknown_at_first_and_part_of_the_record() -> None:
    assert dataclasses.asdict(Timings()) == dict.fromkeys(TIMINGS)
