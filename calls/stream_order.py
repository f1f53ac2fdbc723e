"""Where does a piece of the caller's audio belong? By Twilio's own numbers and timestamps.

One TCP connection keeps the order; what Twilio itself left out, or sent twice, shows here.
"""

from calls import metrics
from calls.stream_limits import BYTES_PER_MS

GAP_MS = 200  # less is not told from the jitter of a telephone network
# So much of a longer gap becomes silence: enough for a turn to end in it.
MOST_SILENCE_MS = 2_000
# A second of audio that is all too late is no repetition: Twilio's clock has been set back.
LATE_IN_A_ROW = 50


class StreamOrder:
    """Of one stream; called for every media frame. What has no number is taken as it comes.

    Numbers stay integers, of whatever size: a float would overflow.
    """

    def __init__(self) -> None:
        self._last_number: int | None = None
        self._heard_until_ms: int | None = None  # by Twilio's timestamps
        self._late_in_a_row = 0

    def count(self, number: int | None) -> None:
        """Take note of a message's number: is one missing before it?"""
        if number is None:
            return
        last = self._last_number
        if last is not None and number > last + 1:
            metrics.stream_gaps.inc()
        if last is None or number > last:
            self._last_number = number

    def silence_before(self, timestamp_ms: int | None, size_bytes: int) -> int | None:
        """How many ms of silence belong before this audio; None when it comes too late.

        Speech from before a gap and after it, put side by side, would be one turn.
        """
        if timestamp_ms is None:
            return 0
        ends_ms = timestamp_ms + size_bytes // BYTES_PER_MS
        until = self._heard_until_ms
        if until is not None and ends_ms <= until and self._late_in_a_row < LATE_IN_A_ROW:
            self._late_in_a_row += 1
            metrics.late_audio.inc()
            return None
        self._late_in_a_row = 0
        self._heard_until_ms = ends_ms
        if until is None or timestamp_ms - until <= GAP_MS:
            return 0
        return min(timestamp_ms - until, MOST_SILENCE_MS)
