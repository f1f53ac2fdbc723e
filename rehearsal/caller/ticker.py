"""One clock for all calls of an event loop: each is due every 20 ms, a few of them at a time.

A sleep for each call wakes the loop 50 times a second for each. Here calls share wake-ups, at most
500 a second however many there are, and do not all send at the same instant.
"""

import asyncio
import logging
import weakref
from collections.abc import Callable

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 0.020
SLOTS = 10
SLOT_SECONDS = PERIOD_SECONDS / SLOTS

Tick = Callable[[float], None]  # with the moment it was due, in the loop's time


class Ticker:
    """Due times stand fast from the beginning: a late tick does not delay those after it."""

    def __init__(self) -> None:
        self._slots: tuple[dict[Tick, None], ...] = tuple({} for _ in range(SLOTS))
        self._began = asyncio.get_running_loop().time()
        self._next = 0  # the slot that is due next, counted from the beginning
        self._timer: asyncio.TimerHandle | None = None

    def join(self, tick: Tick) -> float:
        """Call `tick` every 20 ms, first in 11 to 31 ms. Returns when that is, in loop time."""
        wished = (asyncio.get_running_loop().time() + PERIOD_SECONDS - self._began) / SLOT_SECONDS
        near = sorted(range(round(wished) - 4, round(wished) + 6), key=lambda it: abs(it - wished))
        first = min(near, key=lambda number: len(self._slots[number % SLOTS]))
        self._slots[first % SLOTS][tick] = None
        if self._timer is None or first < self._next:
            if self._timer is not None:
                self._timer.cancel()
            self._next = first
            self._sleep()
        return self._due(first)

    def leave(self, tick: Tick) -> None:
        for slot in self._slots:
            slot.pop(tick, None)
        if self._timer is not None and not any(self._slots):
            self._timer.cancel()
            self._timer = None

    def _due(self, number: int) -> float:
        return self._began + number * SLOT_SECONDS

    def _sleep(self) -> None:
        """Until the next slot in which there is anybody."""
        for _ in range(SLOTS):
            if self._slots[self._next % SLOTS]:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_at(self._due(self._next), self._turn)
                return
            self._next += 1
        self._timer = None

    def _turn(self) -> None:
        fired, due = self._timer, self._due(self._next)
        slot = self._slots[self._next % SLOTS]
        self._next += 1
        for tick in tuple(slot):
            if tick in slot:
                try:
                    tick(due)
                except Exception:  # A root: one call's trouble is not the others' affair.
                    logger.exception("A simulated caller stumbled.")
                    self.leave(tick)
        if self._timer is fired:
            self._sleep()


_tickers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Ticker] = weakref.WeakKeyDictionary()


def ticker() -> Ticker:
    """The ticker of the running loop."""
    loop = asyncio.get_running_loop()
    found = _tickers.get(loop)
    if found is None:
        found = _tickers[loop] = Ticker()
    return found
