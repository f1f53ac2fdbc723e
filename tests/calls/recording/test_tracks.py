"""Where a sound lies on the recording: gaps, bursts, clocks that drift, and what was cut."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.recording.tracks import RATE, SILENCE, AgentTrack, CallerTrack, Stretch

FRAME = 160
MS = RATE // 1_000


def frame(value: int) -> bytes:
    return bytes([value]) * FRAME


def payload(value: int, size: int) -> str:
    return base64.b64encode(bytes([value]) * size).decode()


def heard(track: AgentTrack, until: int) -> bytes:
    return Stretch(0, SILENCE * until, track.take(until)).interleaved()[1::2]


def test_it_places_the_caller_by_arrival() -> None:
    track = CallerTrack()
    for number in range(1, 51):
        track.hear(frame(number), number * FRAME)
    assert track.take(50 * FRAME) == b"".join(frame(number) for number in range(1, 51))


def test_jitter_is_no_gap() -> None:
    track = CallerTrack()
    for number in range(1, 51):
        track.hear(frame(number), number * FRAME + (30 * MS if number % 7 == 0 else 0))
    assert SILENCE not in track.take(50 * FRAME)


def test_a_gap_becomes_silence_where_it_was() -> None:
    track = CallerTrack()
    track.hear(frame(1), FRAME)
    for number in range(26, 76):  # nothing came for 480 ms
        track.hear(frame(2), number * FRAME)
    audio = track.take(75 * FRAME)
    assert audio == frame(1) + SILENCE * (24 * FRAME) + frame(2) * 50


def test_what_was_held_up_and_comes_in_a_burst_is_put_where_it_belongs() -> None:
    track = CallerTrack()
    track.hear(frame(1), FRAME)
    for number in range(2, 101):  # the line stood still for two seconds
        track.hear(frame(number), 100 * FRAME)
    assert track.take(100 * FRAME) == b"".join(frame(number) for number in range(1, 101))


def test_what_comes_after_its_time_was_written_down_as_silent_moves_nothing() -> None:
    track = CallerTrack()
    track.hear(frame(1), FRAME)
    assert track.take(100 * FRAME)[FRAME:] == SILENCE * (99 * FRAME)
    for number in range(2, 251):  # all of the five seconds at once
        track.hear(frame(number), 250 * FRAME)
    late = track.take(250 * FRAME)
    assert late[-FRAME:] == frame(250)
    assert late == b"".join(frame(number) for number in range(101, 251))


@pytest.mark.parametrize("parts_per_million", [-200, 200])
def test_a_clock_that_drifts_for_an_hour_leaves_it_within_50_ms(parts_per_million: int) -> None:
    track, furthest, taken = CallerTrack(), 0, 0
    for number in range(1, 180_001):
        now = round(number * FRAME * (1 + parts_per_million / 1e6))
        track.hear(b"\x00" * FRAME, now)
        if number % 50 == 0:
            end = track._start + len(track._audio)
            # While it is being made sure that a gap is one, it counts as one.
            furthest = max(furthest, abs(now - end))
        if number % 200 == 0:
            taken += len(track.take(now - 3 * RATE)) if now > 3 * RATE else 0
    assert furthest < 50 * MS
    assert abs(taken - (180_000 * FRAME - 3 * RATE)) < 1_500 * MS


def test_it_places_the_agent_when_it_is_played() -> None:
    track = AgentTrack()
    track.sent(1_000, payload(7, 800), 800)
    track.sent(1_801, payload(8, 800), 800)  # a sample late by rounding: no hole
    audio = heard(track, 3_000)
    assert audio == SILENCE * 1_000 + b"\x07" * 800 + b"\x08" * 800 + SILENCE * 400


def test_what_is_cleared_was_not_heard() -> None:
    track = AgentTrack()
    for start in range(0, 8_000, 4_000):
        track.sent(start, payload(7, 4_000), 4_000)
    track.cut(2_500)
    track.sent(2_600, payload(8, 400), 400)
    audio = heard(track, 4_000)
    assert audio == b"\x07" * 2_500 + SILENCE * 100 + b"\x08" * 400 + SILENCE * 1_000


def test_what_was_played_and_is_taken_stays_when_the_rest_is_cleared() -> None:
    track = AgentTrack()
    track.sent(0, payload(7, 8_000), 8_000)
    first = Stretch(0, SILENCE * 1_000, track.take(1_000)).interleaved()[1::2]
    track.cut(3_000)
    rest = Stretch(1_000, SILENCE * 7_000, track.take(8_000)).interleaved()[1::2]
    assert first + rest == b"\x07" * 3_000 + SILENCE * 5_000


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("hear"), st.integers(1, 8_000)),
            st.tuples(st.just("wait"), st.integers(0, 40_000)),
            st.tuples(st.just("take"), st.just(0)),
        ),
        max_size=60,
    )
)
def test_whatever_comes_the_recording_is_as_long_as_the_call(steps: list[tuple[str, int]]) -> None:
    track, now, taken = CallerTrack(), 0, 0
    for what, size in steps:
        now += size if what != "take" else 0
        if what == "hear":
            track.hear(b"\x00" * size, now)
        elif what == "take":
            taken += len(track.take(now))
    assert taken + len(track.take(now)) == now


def test_the_caller_is_left_and_the_agent_right() -> None:
    track = AgentTrack()
    track.sent(2, payload(9, 2), 2)
    stretch = Stretch(0, b"\x01\x02\x03\x04", track.take(4))
    assert stretch.interleaved() == b"\x01\xff\x02\xff\x03\x09\x04\x09"
