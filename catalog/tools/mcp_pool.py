"""The sessions of this process with the remote servers, in a thread with a loop of its own.

A slow or huge answer is read and taken apart there, and the loop of the calls does not notice.
"""

import asyncio
import logging
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from catalog.snapshot_mcp import McpServerSpec
from catalog.tools.loop_thread import STOP_SECONDS, LoopThread
from catalog.tools.mcp_seen import ServerState
from catalog.tools.spec import ToolSpec

if TYPE_CHECKING:
    from catalog.tools.mcp_connection import ServerLink

logger = logging.getLogger(__name__)

Key = tuple[str, str, str]  # what a connection depends on: a change of stage needs no new one


def key_of(server: McpServerSpec) -> Key:
    return server.name, server.url, server.headers


class McpPool:
    """Its mappings are replaced, never changed: they are read without a lock, on any thread."""

    def __init__(self) -> None:
        self.offered: Mapping[Key, tuple[ToolSpec, ...]] = {}
        self.states: Mapping[str, ServerState] = {}
        self._wanted: Mapping[Key, McpServerSpec] = {}
        self._news = threading.Condition()
        self._thread: LoopThread | None = None
        # Of that thread alone.
        self._connections: dict[Key, tuple[ServerLink, asyncio.Task[None]]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def follow(self, servers: Iterable[McpServerSpec]) -> None:
        """From now on these, and no others. Returns at once."""
        wanted = {key_of(server): server for server in servers}
        with self._news:
            if wanted == self._wanted:
                return
            self._wanted = wanted
            if self._thread is None:
                self._thread = LoopThread("MCP servers")
            loop = self._thread.loop
        loop.call_soon_threadsafe(self._follow, wanted)

    def wait(self, seconds: float) -> None:
        """Until each server was connected, or could not be. No longer than that."""
        with self._news:
            self._news.wait_for(
                lambda: all(key in self.offered for key in self._wanted), timeout=seconds
            )

    def stop(self) -> None:
        """Close all sessions. Takes little longer than STOP_SECONDS."""
        with self._news:
            thread, self._thread, self._wanted = self._thread, None, {}
        if thread is not None:
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(self._leave(), thread.loop).result(STOP_SECONDS)
            thread.stop()
        self.offered, self.states = {}, {}

    async def _leave(self) -> None:
        for key in list(self._connections):
            self._end(key)
        if self._ending:
            await asyncio.wait(self._ending, timeout=STOP_SECONDS / 2)

    def _end(self, key: Key) -> None:
        _connection, task = self._connections.pop(key)
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _follow(self, wanted: Mapping[Key, McpServerSpec]) -> None:
        # The first import of the SDK takes about a second.
        from catalog.tools.mcp_connection import ServerLink

        loop = asyncio.get_running_loop()
        for key in set(self._connections) - set(wanted):
            self._end(key)
        for key in set(wanted) - set(self._connections):
            connection = ServerLink(wanted[key], loop, self._publish)
            task = loop.create_task(connection.keep(), name=f"MCP server {key[0]}")
            self._connections[key] = connection, task
        self._publish()

    def _publish(self) -> None:
        """What has been tried: of the others there is nothing to say yet."""
        told = {
            key: connection
            for key, (connection, _task) in self._connections.items()
            if connection.was_tried
        }
        with self._news:
            self.offered = {key: connection.offered for key, connection in told.items()}
            self.states = {connection.state.name: connection.state for connection in told.values()}
            self._news.notify_all()
