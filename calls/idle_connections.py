"""How many connections wait for a request? The one that waits longest is closed for one too many.

By no address: Twilio's webhooks and a proxy's requests come from few. And by age, as a proxy asks
on the connection that it used last.
"""

from typing import Protocol

# A proxy keeps some dozens, a browser six. Each takes 27 KiB and one of the process's files.
MOST_IDLE = 500


class Connection(Protocol):
    def close_idle(self) -> None: ...


class IdleConnections:
    """Of one process."""

    def __init__(self, most: int = MOST_IDLE) -> None:
        self._most = most
        self._idle: dict[Connection, None] = {}  # the longest idle first

    def __len__(self) -> int:
        return len(self._idle)

    def add(self, connection: Connection) -> None:
        self._idle[connection] = None
        if len(self._idle) > self._most:
            oldest = next(iter(self._idle))
            self.leave(oldest)
            oldest.close_idle()

    def leave(self, connection: Connection) -> None:
        """A request comes, or it is closed. The second time does nothing."""
        self._idle.pop(connection, None)
