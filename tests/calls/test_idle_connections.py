"""Connections without a request: the longest idle is closed for one too many."""

from calls.idle_connections import IdleConnections


class FakeConnection:
    closed = False

    def close_idle(self) -> None:
        self.closed = True


def test_the_longest_idle_is_closed_and_one_that_was_used_is_not() -> None:
    idle = IdleConnections(most=2)
    first, second, third, fourth = (FakeConnection() for _ in range(4))
    for each in (first, second):
        idle.add(each)
    idle.leave(first)  # A request has come, and is answered.
    idle.add(first)
    idle.add(third)
    assert (first.closed, second.closed) == (False, True)
    idle.leave(first)
    idle.leave(first)
    idle.add(fourth)
    assert not any(it.closed for it in (first, third, fourth))
    assert len(idle) == 2
