"""What a stream may send: a stall and its burst is let through, a flood is not."""

import pytest

from calls import metrics
from calls.stream_limits import (
    MALFORMED_IN_A_SECOND,
    MAX_MALFORMED,
    MESSAGES_IN_A_SECOND,
    StreamLimits,
)


def taken(limits: StreamLimits, messages: int, at_ms: float, every_ms: float = 0.0) -> int:
    return sum(limits.takes_one_more(at_ms + every_ms * number) for number in range(messages))


def test_it_takes_a_call_of_an_hour() -> None:
    assert taken(StreamLimits(), 180_000, 0.0, every_ms=20.0) == 180_000


@pytest.mark.parametrize("stall_ms", [500.0, 3_000.0, 5_000.0])
def test_it_takes_what_comes_at_once_after_a_stall(stall_ms: float) -> None:
    limits, missed = StreamLimits(), int(stall_ms / 20)
    assert taken(limits, 100, 0.0, every_ms=20.0) == 100
    assert taken(limits, missed, 2_000.0 + stall_ms) == missed
    assert taken(limits, 1_000, 2_020.0 + stall_ms, every_ms=20.0) == 1_000


def test_it_takes_no_flood() -> None:
    limits = StreamLimits()
    assert taken(limits, 10_000, 0.0) == 500
    assert taken(StreamLimits(), 10_000, 0.0, every_ms=0.1) < 700


def test_it_takes_a_hundred_messages_a_second_and_no_more_for_long() -> None:
    assert taken(StreamLimits(), 6_000, 0.0, every_ms=10.0) == 6_000
    assert taken(StreamLimits(), 6_000, 0.0, every_ms=8.0) < 6_000


def test_it_bears_twenty_malformed_messages_in_all() -> None:
    limits = StreamLimits()
    before = metrics.malformed_messages._value.get()
    answers = [limits.takes_malformed(60_000.0 * number) for number in range(MAX_MALFORMED + 1)]
    assert answers == [True] * 20 + [False]
    assert metrics.malformed_messages._value.get() == before + 21


def test_it_does_not_bear_five_malformed_messages_in_a_second() -> None:
    limits = StreamLimits()
    assert [limits.takes_malformed(at) for at in (0, 100, 200, 300, 999)] == [True] * 4 + [False]
    limits = StreamLimits()
    assert [limits.takes_malformed(at) for at in (0, 100, 200, 300, 1_000)] == [True] * 5


def test_nonsense_that_comes_late_with_all_that_lay_between_was_not_sent_in_a_second() -> None:
    limits = StreamLimits()
    for _ in range(3 * MALFORMED_IN_A_SECOND):
        assert limits.takes_malformed(5_000.0)
        for _ in range(1 + MESSAGES_IN_A_SECOND // (MALFORMED_IN_A_SECOND - 1)):
            limits.takes_one_more(5_000.0)


def test_it_takes_audio_ten_seconds_ahead_of_the_clock_and_no_more() -> None:
    limits = StreamLimits()
    assert all(limits.takes_audio(8_000, 0.0) for _ in range(10))
    assert not limits.takes_audio(160, 0.0)
    assert limits.takes_audio(160, 20.0)
