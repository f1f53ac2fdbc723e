"""Which sockets are open and have not shown a good token yet, and how many more may there be?

Whoever knows one signed upgrade can open any number of them, and make tokens up. Twilio sends
`start` right after it has opened a socket, and a token that was minted is found within
milliseconds: what has been here for longest is none of Twilio's. With 256 places and 250 strangers
a second, each socket has its place for a second. With 64, callers lost theirs on a machine that had
too much to do: what had come while it was late was let in all at once.
"""

from typing import Protocol


class Pending(Protocol):
    def give_way(self) -> None:
        """Close: another socket needs the place."""
        ...


class PendingStreams:
    """Of one process."""

    def __init__(self) -> None:
        self._waiting: dict[Pending, None] = {}  # silent, or its token is looked for: oldest first
        self._good: set[Pending] = set()  # about to be calls

    def __len__(self) -> int:
        return len(self._waiting) + len(self._good)

    def let_in(self, stream: Pending, most: int, *, may_be_awaited: bool) -> bool:
        """Whether there is a place among so many. For one that may be awaited, the oldest makes
        it; to close that one for nobody would cost more than to refuse.
        """
        if len(self._waiting) >= most:
            if not may_be_awaited:
                return False
            oldest = next(iter(self._waiting))
            self.leave(oldest)
            oldest.give_way()
        self._waiting[stream] = None
        return True

    def is_good(self, stream: Pending) -> None:
        """Its token was good, and is used up: from here on it makes room for nobody."""
        if stream in self._waiting:
            del self._waiting[stream]
            self._good.add(stream)

    def leave(self, stream: Pending) -> None:
        """It has started, was refused, or is closed. The second time does nothing."""
        self._waiting.pop(stream, None)
        self._good.discard(stream)


pending_streams = PendingStreams()
