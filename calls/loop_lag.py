"""How late does the event loop do what is due? Every media frame of every call is as late."""

import asyncio
import time
import weakref
from collections import deque

from calls import metrics

EVERY_SECONDS = 0.1
WORST_OF_SECONDS = 10.0
MOST_MISSED_MS = 10_000.0  # of one stall: no more samples are made up for

_watched: "weakref.WeakSet[asyncio.AbstractEventLoop]" = weakref.WeakSet()


def watch() -> None:
    """Sample the running loop's lag from now on. Costs 0.3 us when it is watched already.

    By timers and not by a task: nobody has to end it, it goes with the loop.
    """
    loop = asyncio.get_running_loop()
    if loop not in _watched:
        _watched.add(loop)
        LagSampler(loop).begin()


class LagSampler:
    """The timer of one loop, set again each time it goes off."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due = 0.0
        self._recent: deque[float] = deque(maxlen=round(WORST_OF_SECONDS / EVERY_SECONDS))

    def begin(self) -> None:
        # Not loop.time(): uvloop's stands still while it is busy.
        self._due = time.monotonic() + EVERY_SECONDS
        self._loop.call_later(EVERY_SECONDS, self._sample)

    def _sample(self) -> None:
        lag_ms = max(0.0, (time.monotonic() - self._due) * 1000.0)
        self._recent.append(lag_ms)
        metrics.loop_lag_worst_ms.set(max(self._recent))
        metrics.loop_lag_ms.observe(lag_ms)
        # A stall of 1 s is ten samples that were late, not one: the percentiles must show it.
        missed_ms = min(lag_ms, MOST_MISSED_MS) - EVERY_SECONDS * 1000.0
        while missed_ms > 0.0:
            metrics.loop_lag_ms.observe(missed_ms)
            missed_ms -= EVERY_SECONDS * 1000.0
        self.begin()
