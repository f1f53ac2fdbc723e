"""How much may a stream send: messages in all, nonsense, and audio ahead of its time?"""

from collections import deque

from calls import metrics

# Twilio sends 50 messages a second. What lay on the way in a stall of some seconds comes at once.
MESSAGES_A_SECOND = 100.0
MESSAGES_AT_ONCE = 500.0
MAX_MALFORMED = 20
MALFORMED_IN_A_SECOND = 5
# By the clock and by count: what lay on the way while the loop was late comes all in one second.
MESSAGES_IN_A_SECOND = 50
BYTES_PER_MS = 8  # 8 kHz mu-law
FASTER_THAN_LIFE_MS = 10_000.0  # how far audio may run ahead of the clock: a stall, then a burst


class StreamLimits:
    """Counts for one stream; called for every media frame. `at_ms` is the call's clock."""

    def __init__(self) -> None:
        self._allowed = MESSAGES_AT_ONCE
        self._allowed_at_ms = 0.0
        self._messages = self._malformed = 0
        self._last_malformed: deque[tuple[float, int]] = deque(maxlen=MALFORMED_IN_A_SECOND)
        self._heard_ms = 0.0

    def takes_one_more(self, at_ms: float) -> bool:
        """Whether a message, of whatever kind, may come now."""
        refilled = (at_ms - self._allowed_at_ms) * (MESSAGES_A_SECOND / 1000.0)
        self._allowed = min(MESSAGES_AT_ONCE, self._allowed + refilled) - 1.0
        self._allowed_at_ms = at_ms
        self._messages += 1
        return self._allowed >= 0.0

    def takes_audio(self, size_bytes: int, at_ms: float) -> bool:
        """Whether so much audio, arriving now, may be real.

        Twilio sends as people speak. What comes faster would pile up in the pipeline's queues,
        which know no bound, and keep the whole process busy for minutes.
        """
        ms = size_bytes / BYTES_PER_MS
        if self._heard_ms + ms > at_ms + FASTER_THAN_LIFE_MS:
            return False
        self._heard_ms += ms
        return True

    def takes_silence(self, size_bytes: int, at_ms: float) -> bool:
        """Whether so much was really missed, for timestamps may say anything.

        What is filled in runs ahead of the clock in nothing: five messages with odd timestamps used
        up what a burst is allowed, and the call was closed for the audio that followed.
        """
        ms = size_bytes / BYTES_PER_MS
        if self._heard_ms + ms > at_ms:
            return False
        self._heard_ms += ms
        return True

    def takes_malformed(self, at_ms: float) -> bool:
        """False when that was one too many: in all, or within a second."""
        metrics.malformed_messages.inc()
        self._malformed += 1
        self._last_malformed.append((at_ms, self._messages))
        first_at_ms, first = self._last_malformed[0]
        too_fast = (
            len(self._last_malformed) == MALFORMED_IN_A_SECOND
            and at_ms - first_at_ms < 1000.0
            and self._messages - first < MESSAGES_IN_A_SECOND
        )
        return self._malformed <= MAX_MALFORMED and not too_fast
