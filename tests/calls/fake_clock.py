"""A monotonic clock that stands still until a test moves it."""

import asyncio

_yield_once = asyncio.sleep


class FakeClock:
    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now
        self.slept_seconds: list[float] = []

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds

    async def sleep(self, seconds: float) -> None:
        """In the place of asyncio.sleep: the time passes at once."""
        self.slept_seconds.append(seconds)
        self.now += max(0.0, seconds)
        await _yield_once(0)


async def let_callbacks_run() -> None:
    """Callbacks of futures run one turn of the loop after the future is resolved."""
    await _yield_once(0)
