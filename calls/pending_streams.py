"""Which sockets are open and have not started a stream yet, and how many more may there be?

Whoever knows one signed upgrade can open any number of them. Twilio sends `start` right after it
has opened a socket: one that says nothing holds a place that a call may need.
"""

import time
from collections.abc import Callable
from typing import Protocol

FAIR_SECONDS = 0.5  # for `start` to come; after that, a socket makes room for another


class Pending(Protocol):
    def give_way(self) -> None:
        """Close: another socket needs the place."""
        ...


class PendingStreams:
    """Of one process, the one that has waited longest first."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._silent: dict[Pending, float] = {}
        self._starting: set[Pending] = set()  # `start` has come, and its token is looked at

    def __len__(self) -> int:
        return len(self._silent) + len(self._starting)

    def let_in(self, stream: Pending, most: int) -> bool:
        """Whether there is a place among so many, or one that is silent for too long gives way."""
        if len(self) >= most and not self._make_room():
            return False
        self._silent[stream] = self._now()
        return True

    def starts(self, stream: Pending) -> None:
        """It keeps its place until it is known whether its token is good."""
        if self._silent.pop(stream, None) is not None:
            self._starting.add(stream)

    def leave(self, stream: Pending) -> None:
        """It has started, was refused, or is closed. The second time does nothing."""
        self._silent.pop(stream, None)
        self._starting.discard(stream)

    def _make_room(self) -> bool:
        for oldest, since in self._silent.items():
            if self._now() - since < FAIR_SECONDS:
                return False
            self.leave(oldest)
            oldest.give_way()
            return True
        return False


pending_streams = PendingStreams()
