"""Sockets that have not started: few at a time, and who says nothing gives way."""

import pytest

from calls.pending_streams import FAIR_SECONDS, PendingStreams
from tests.calls.fake_clock import FakeClock


class FakeStream:
    def __init__(self) -> None:
        self.gave_way = False

    def give_way(self) -> None:
        self.gave_way = True


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pending(clock: FakeClock) -> PendingStreams:
    return PendingStreams(clock)


def let_in(pending: PendingStreams, *streams: FakeStream, most: int = 2) -> list[bool]:
    return [pending.let_in(stream, most) for stream in streams]


def test_it_lets_in_so_many_and_refuses_more(pending: PendingStreams) -> None:
    assert let_in(pending, *(FakeStream() for _ in range(4))) == [True, True, False, False]
    assert len(pending) == 2


def test_a_stream_that_started_or_left_makes_room(pending: PendingStreams) -> None:
    first, second = FakeStream(), FakeStream()
    let_in(pending, first, second)
    pending.starts(first)
    assert len(pending) == 2, "its token is still looked at"
    pending.leave(first)
    pending.leave(first)
    assert let_in(pending, FakeStream()) == [True]
    assert not second.gave_way


def test_who_has_been_silent_for_longest_gives_way(
    pending: PendingStreams, clock: FakeClock
) -> None:
    oldest, younger, newest = FakeStream(), FakeStream(), FakeStream()
    let_in(pending, oldest)
    clock.advance(0.01)
    let_in(pending, younger)
    clock.advance(FAIR_SECONDS - 0.01)
    assert let_in(pending, newest) == [True]
    assert (oldest.gave_way, younger.gave_way, newest.gave_way) == (True, False, False)
    assert len(pending) == 2


def test_nobody_gives_way_who_had_no_time_to_say_anything(
    pending: PendingStreams, clock: FakeClock
) -> None:
    young = [FakeStream(), FakeStream()]
    let_in(pending, *young)
    clock.advance(FAIR_SECONDS / 2)
    assert let_in(pending, FakeStream()) == [False]
    assert not any(stream.gave_way for stream in young)


def test_a_stream_whose_token_is_looked_at_does_not_give_way(
    pending: PendingStreams, clock: FakeClock
) -> None:
    starting = [FakeStream(), FakeStream()]
    let_in(pending, *starting)
    for stream in starting:
        pending.starts(stream)
    clock.advance(60.0)
    assert let_in(pending, FakeStream()) == [False]
    assert not any(stream.gave_way for stream in starting)


def test_one_that_left_before_it_started_is_not_counted_again(pending: PendingStreams) -> None:
    stream = FakeStream()
    let_in(pending, stream)
    pending.leave(stream)
    pending.starts(stream)
    assert len(pending) == 0
