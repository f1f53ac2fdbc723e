"""How much nonsense, and how much audio ahead of its time, a stream may send."""

from calls import metrics

MAX_MALFORMED = 2_000
BYTES_PER_MS = 8  # 8 kHz mu-law
FASTER_THAN_LIFE_MS = 10_000.0  # how far audio may run ahead of the clock: a stall, then a burst


class StreamLimits:
    """Counts for one stream; called for every media frame."""

    def __init__(self) -> None:
        self._malformed = 0
        self._heard_ms = 0.0

    def takes(self, audio: bytes, at_ms: float) -> bool:
        """Whether this audio, arriving now, may be real.

        Twilio sends as people speak. What comes faster would pile up in the pipeline's queues,
        which know no bound, and keep the whole process busy for minutes.
        """
        ms = len(audio) / BYTES_PER_MS
        if self._heard_ms + ms > at_ms + FASTER_THAN_LIFE_MS:
            return False
        self._heard_ms += ms
        return True

    def one_more_malformed(self) -> bool:
        """Whether that is one too many."""
        metrics.malformed_messages.inc()
        self._malformed += 1
        return self._malformed > MAX_MALFORMED
