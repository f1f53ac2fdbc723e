"""A web application in a thread of its own: whoever asks it may come from any event loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web

STARTS_WITHIN_SECONDS = 20.0


@dataclass(frozen=True)
class Served:
    url: str
    runner: web.AppRunner

    @property
    def connections(self) -> int:
        """How many are open at this moment."""
        server = self.runner.server
        assert isinstance(server, web.Server)
        return len(server.connections)


@contextmanager
def served(application: web.Application) -> Iterator[Served]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="test server")
    thread.start()
    runner = web.AppRunner(
        application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
    )

    async def start() -> str:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop() -> None:
        await runner.cleanup()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        url = asyncio.run_coroutine_threadsafe(start(), loop).result(STARTS_WITHIN_SECONDS)
        yield Served(url, runner)
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(STARTS_WITHIN_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
