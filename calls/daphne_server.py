"""Daphne, with an end of its own choosing: it cuts nothing, and leaves signals to whoever runs it.

Its own end cancels every application at once (clients saw 1006 within 0.3 s), and raises when one
of them had returned already: then none of them got to its `finally`.
"""

import asyncio
import time
from typing import Any

from daphne.http_protocol import WebRequest
from daphne.server import Server, reactor
from twisted.internet.defer import Deferred

from calls.denial import DENIAL

LOOK_SECONDS = 0.05
KILLED_SECONDS = 1.0  # for what is cancelled to end


class QuietServer(Server):
    """`stop_listening()` and `requests_done()` first, then `stop()`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(signal_handlers=False, **options)
        self._ports: list[Any] = []

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "websocket":
            scope["extensions"] = {DENIAL: {}}
        return super().create_application(protocol, scope)

    async def stop_listening(self) -> None:
        """Connections that are open stay open."""
        for port in self._ports:
            await _done(port.stopListening())

    async def requests_done(self, timeout_seconds: float) -> bool:
        """Wait until every HTTP request is answered. False when that took too long."""
        deadline = time.monotonic() + timeout_seconds
        while any(
            isinstance(connection, WebRequest) and "disconnected" not in details
            for connection, details in self.connections.items()
        ):
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return True

    def kill_all_applications(self) -> "Deferred[Any]":
        """What is left: sockets of pages, requests that took too long."""
        running = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        for application in running:
            application.cancel()

        async def killed() -> None:
            if running:
                await asyncio.wait(running, timeout=KILLED_SECONDS)

        return Deferred.fromFuture(asyncio.ensure_future(killed()))


async def _done(stopping: "Deferred[Any] | None") -> None:
    if stopping is not None:
        await stopping.asFuture(asyncio.get_running_loop())


def event_loop() -> asyncio.AbstractEventLoop:
    """The one that every Server of this process runs on."""
    loop: asyncio.AbstractEventLoop = reactor._asyncioEventloop
    return loop
