"""An event loop in a thread of its own, for what strangers send: the calls' loop never reads it."""

import asyncio
import functools
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

STOP_SECONDS = 2.0
Answer = TypeVar("Answer")


class LoopThread:
    """Runs from when it is made until it is stopped, or the process ends."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def do(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Await it there, from any loop: with its context variables, and cancelled with us."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()


@functools.cache
def http_loop() -> LoopThread:
    """Of all HTTP tools. An answer of 64 KiB in pieces of one byte is taken apart in one go: it
    blocked its loop for 0.5 s, and 200,000 "100 Continue" for 0.6 s.
    """
    return LoopThread("HTTP tools")
