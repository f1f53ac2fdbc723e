"""Runs inside each measured server, the same in both: how late is its loop, when were agents ready?

A thread tells it over PROBE_PORT. The task wakes a hundred times a second, some 0.3 % of a core,
whatever the number of calls.
"""

import asyncio
import json
import os
import threading
import time
from array import array
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from rehearsal.caller.review import percentile

EVERY_SECONDS = 0.010
MOST_MISSED_MS = 10_000.0
Application = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Told:
    """Of the time between two moments."""

    looks: int
    lag_p99_ms: float
    lag_max_ms: float
    ready_ms: tuple[float, ...]  # of each call, from its `start`


class Probe:
    """One of a process. The loop writes, the teller's thread reads: both hold the GIL."""

    def __init__(self) -> None:
        self._looked_at, self._lags_ms = array("d"), array("f")
        self._ready: list[tuple[float, float]] = []
        self._task: asyncio.Task[None] | None = None

    def ready(self, ms: float) -> None:
        self._ready.append((time.monotonic(), ms))

    def told(self, since: float, until: float) -> Told:
        """By the clock that all processes of a machine share: `time.monotonic()` on Linux."""
        looks = zip(tuple(self._looked_at), tuple(self._lags_ms), strict=False)
        lags = [lag for at, lag in looks if since <= at <= until] or [0.0]
        ready = tuple(ms for at, ms in self._ready if since <= at <= until)
        return Told(len(lags), percentile(lags, 0.99), max(lags), ready)

    def around(self, application: Application) -> Application:
        """The server's application; the first that it is called for starts the task on its loop."""

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            if self._task is None:
                self._task = asyncio.create_task(self._look(), name="probe")
            await application(scope, receive, send)

        return watched

    def listen(self) -> None:
        server = HTTPServer(("127.0.0.1", int(os.environ["PROBE_PORT"])), _teller(self))
        threading.Thread(target=server.serve_forever, name="probe", daemon=True).start()

    async def _look(self) -> None:
        while True:
            due = time.monotonic() + EVERY_SECONDS
            await asyncio.sleep(EVERY_SECONDS)
            now = time.monotonic()
            lag_ms = max(0.0, (now - due) * 1000.0)
            self._note(now, lag_ms)
            # A stall of 1 s is a hundred looks that were late, not one.
            missed_ms = min(lag_ms, MOST_MISSED_MS) - EVERY_SECONDS * 1000.0
            while missed_ms > 0.0:
                self._note(now, missed_ms)
                missed_ms -= EVERY_SECONDS * 1000.0

    def _note(self, at: float, lag_ms: float) -> None:
        self._looked_at.append(at)
        self._lags_ms.append(lag_ms)


probe = Probe()


def _teller(of: Probe) -> type[BaseHTTPRequestHandler]:
    class Teller(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """/1234.5/1236.7: since, and until."""
            _, since, until = self.path.split("/")
            body = json.dumps(asdict(of.told(float(since), float(until)))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            """Nobody has to read that somebody asked."""

    return Teller
