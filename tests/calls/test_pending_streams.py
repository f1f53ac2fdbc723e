"""Sockets that have shown no good token: few at a time, and the oldest gives way."""

import pytest
from django.conf import settings

from calls.pending_streams import PendingStreams


class FakeStream:
    def __init__(self) -> None:
        self.gave_way = False

    def give_way(self) -> None:
        self.gave_way = True


@pytest.fixture
def pending() -> PendingStreams:
    return PendingStreams()


def let_in(
    pending: PendingStreams, *streams: FakeStream, most: int = 2, may_be_awaited: bool = True
) -> list[bool]:
    return [pending.let_in(it, most, may_be_awaited=may_be_awaited) for it in streams]


def test_the_oldest_gives_way(pending: PendingStreams) -> None:
    streams = [FakeStream() for _ in range(5)]
    assert let_in(pending, *streams) == [True] * 5
    assert [it.gave_way for it in streams] == [True, True, True, False, False]
    assert len(pending) == 2


def test_nobody_gives_way_to_a_socket_that_nobody_awaits(pending: PendingStreams) -> None:
    streams = [FakeStream() for _ in range(4)]
    assert let_in(pending, *streams, may_be_awaited=False) == [True, True, False, False]
    assert not any(it.gave_way for it in streams)


def test_a_stream_that_left_makes_room(pending: PendingStreams) -> None:
    first, second = FakeStream(), FakeStream()
    let_in(pending, first, second)
    pending.leave(first)
    pending.leave(first)
    assert let_in(pending, FakeStream()) == [True]
    assert not second.gave_way


def test_one_whose_token_was_good_gives_way_to_nobody_and_takes_no_place(
    pending: PendingStreams,
) -> None:
    call = FakeStream()
    let_in(pending, call)
    pending.is_good(call)
    assert let_in(pending, *(FakeStream() for _ in range(5))) == [True] * 5
    assert not call.gave_way
    assert len(pending) == 3, "the server does not stop before it is a call"
    pending.leave(call)
    assert len(pending) == 2


def test_a_caller_is_let_in_whatever_the_strangers_do(pending: PendingStreams) -> None:
    """1,000 a second; Twilio's start comes after 250 ms."""
    caller, most = FakeStream(), settings.MAX_PENDING_STREAMS
    let_in(pending, *(FakeStream() for _ in range(1_000)), caller, most=most)
    let_in(pending, *(FakeStream() for _ in range(250)), most=most)
    pending.is_good(caller)
    let_in(pending, *(FakeStream() for _ in range(1_000)), most=most)
    assert not caller.gave_way


def test_one_that_left_is_not_counted_again(pending: PendingStreams) -> None:
    stream = FakeStream()
    let_in(pending, stream)
    pending.leave(stream)
    pending.is_good(stream)
    assert len(pending) == 0
