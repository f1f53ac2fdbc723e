"""How fast we were: the milestones of a call in milliseconds. Pure."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Timings:
    """Milliseconds from the stream's `start`, except webhook_ms (request to answer)."""

    webhook_ms: float | None = None
    first_audio_ms: float | None = None
    agent_ready_ms: float | None = None
    context_prefetch_ms: float | None = None
    context_injected_ms: float | None = None
    first_llm_response_ms: float | None = None
    first_reply_audio_ms: float | None = None


class CallClock:
    """Milliseconds since the stream started, on the monotonic clock."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self.started_at = now()

    def ms(self) -> float:
        return self.ms_at(self._now())

    def ms_at(self, moment: float) -> float:
        """Where a moment of the monotonic clock lies; negative before the start."""
        return (moment - self.started_at) * 1000.0
