"""Is this process about to end, and how long may its calls go on?"""

import asyncio
import time
from collections.abc import Callable


class Drain:
    """On from the first signal: no new calls. Over when running calls have to say goodbye.

    The tasks that wait may belong to several event loops; each is woken in its own.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: float | None = None  # monotonic seconds
        self._over = False
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def is_on(self) -> bool:
        return self._until is not None

    @property
    def is_over(self) -> bool:
        return self._over

    @property
    def seconds_left(self) -> float:
        """For running calls. 0 before it has begun."""
        return max(0.0, (self._until or 0.0) - self._now())

    def begin(self, seconds: float) -> None:
        """Running calls may go on for so long; whoever begins ends it with `end()`."""
        self._until = self._now() + seconds

    def hurry(self) -> None:
        """They may not any more."""
        self.begin(0.0)

    def end(self) -> None:
        """Running calls say goodbye now."""
        self._over = True
        for waiting in list(self._waiting):
            waiting.get_loop().call_soon_threadsafe(_wake, waiting)

    async def ended(self) -> None:
        """Wait until running calls have to say goodbye."""
        if self._over:
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)


def _wake(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)


drain = Drain()
