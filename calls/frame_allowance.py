"""How many frames may a WebSocket send, and how large? Of any kind: pings are frames, too.

Applications see whole messages. A ping, or a piece of a message that never ends, is parsed all the
same: one connection that sent nothing else kept the event loop busy for seconds.
"""

# Twice what calls/stream_limits.py allows of messages: where both are exceeded, the call says so
# itself and is hung up. Twilio sends 50 a second from the moment the socket opens; a network that
# is late by ten seconds brings 500 at once. Nothing can be late before there was time for it.
A_SECOND = 200.0
AT_ONCE = 1_000.0
AT_FIRST = 100.0
BYTES_OF_ONE = 1_024  # a frame counts once more for each; one of Twilio's has about 450 bytes
ODD = 10.0  # for a ping, a pong, or a piece of a message: Twilio sends a pong now and then


class FrameAllowance:
    """Of one socket, from the moment it is open. Asked for every frame, before it is read."""

    __slots__ = ("_left", "_left_at")

    def __init__(self, now: float) -> None:
        self._left, self._left_at = AT_FIRST, now

    def takes(self, size_bytes: int, is_whole_message: bool, now: float) -> bool:
        """Whether a frame of this size may come now. `now` is monotonic seconds.

        With its caller it takes 2 us of the 28 us that Daphne needs for a frame of Twilio's.
        """
        left = self._left + (now - self._left_at) * A_SECOND
        if left > AT_ONCE:
            left = AT_ONCE
        left -= (1.0 if is_whole_message else ODD) + size_bytes / BYTES_OF_ONE
        self._left, self._left_at = left, now
        return left >= 0.0
