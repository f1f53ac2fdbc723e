"""One remote server: connected, kept, and connected anew when it was lost.

All of it runs on the loop of mcp_pool.py, but for `run`, which any loop may call.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from mcp import MCPError
from mcp.types import INVALID_PARAMS, Tool
from pydantic import ValidationError

from catalog.snapshot_mcp import McpServerSpec
from catalog.tools.context import ToolContext, ToolError, ToolOutcome, idempotency_key
from catalog.tools.mcp_listing import listing
from catalog.tools.mcp_results import outcome_of, told
from catalog.tools.mcp_seen import ServerState
from catalog.tools.mcp_session import Session, SessionFailed, opened
from catalog.tools.spec import ToolSpec

logger = logging.getLogger(__name__)

PING_SECONDS = 5.0
PINGS_TO_A_LISTING = 12  # for servers that cannot tell when their tools change
FIRST_RETRY_SECONDS = 0.5
LAST_RETRY_SECONDS = 30.0
STEADY_SECONDS = 10.0  # a session that lasted so long was a good one
MOST_CALLS_AT_ONCE = 6  # outbound.py holds ten connections to a server; events and pings need two


class Unreachable(Exception):
    """The server did not answer this request."""


@dataclass(frozen=True, slots=True)
class RemoteTool:
    """A handler. Equal to another of the same tool: a server that came back offers nothing new."""

    connection: "ServerLink"
    tool: str  # as the server calls it

    async def __call__(self, context: ToolContext, **arguments: Any) -> ToolOutcome:
        """Nothing of the call but the arguments goes to the server."""
        return await self.connection.run(self.tool, arguments, idempotency_key.get())


class ServerLink:
    """`changed` is called when `offered` or `state` has changed."""

    def __init__(
        self,
        server: McpServerSpec,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[], None],
    ) -> None:
        self.was_tried = False
        self.offered: tuple[ToolSpec, ...] = ()
        self.state = ServerState(server.name, False, "", (), timezone.now())
        self._server = server
        self._loop = loop
        self._changed = changed
        self._session: Session | None = None
        self._slots = asyncio.Semaphore(MOST_CALLS_AT_ONCE)

    async def run(self, tool: str, arguments: Mapping[str, Any], key: str) -> ToolOutcome:
        """From the loop of a call. Raises ToolError."""
        if self._loop.is_running():
            asked = asyncio.run_coroutine_threadsafe(self._ask(tool, arguments, key), self._loop)
            with suppress(Unreachable):
                return await asyncio.wrap_future(asked)
        raise ToolError(_("I cannot reach that system at the moment."))

    async def keep(self) -> None:
        """Until it is cancelled."""
        failures = 0
        while True:
            began_at = time.monotonic()
            try:
                async with opened(self._server) as (session, tools):
                    self._session = session
                    self._list(tools)
                    await self._watch(session)
            except SessionFailed as error:
                self._lost(str(error))
            finally:
                self._session = None
            failures = 0 if time.monotonic() - began_at > STEADY_SECONDS else failures + 1
            longest = min(LAST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2.0 ** min(failures, 10))
            # Spread out: all processes lost it in the same moment.
            await asyncio.sleep(random.uniform(0.5, 1.0) * longest)

    async def _watch(self, session: Session) -> None:
        """Until the server does not answer, which is raised."""
        pings = 0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PING_SECONDS):
                    await session.woken.wait()
            session.woken.clear()
            pings += 1
            if session.tools_may_differ or pings % PINGS_TO_A_LISTING == 0:
                self._list(await session.tools())
            else:
                await session.ping()

    async def _ask(self, tool: str, arguments: Mapping[str, Any], key: str) -> ToolOutcome:
        session = self._session
        if session is None:
            raise Unreachable
        try:
            async with self._slots:
                return outcome_of(await session.call(tool, arguments, key))
        except MCPError as error:
            if error.code == INVALID_PARAMS:  # It is there, and says what the model got wrong.
                return ToolOutcome(ok=False, data={"text": told(error.error.message)})
            session.woken.set()
            raise Unreachable from error
        except ValidationError as error:
            raise Unreachable from error

    def _list(self, tools: list[Tool]) -> None:
        found = listing(self._server.name, tools, lambda name: RemoteTool(self, name))
        came = not self.state.connected
        if came:
            logger.info("MCP server %s: %d tools.", self._server.name, len(found.offered))
        elif found.seen == self.state.tools and found.offered == self.offered:
            return
        for tool in found.seen:
            if tool.problem:
                logger.warning(
                    "MCP server %s: %s is left out. %s", self._server.name, tool.name, tool.problem
                )
        self.offered = found.offered
        since = timezone.now() if came else self.state.since
        self.state = replace(self.state, connected=True, tools=found.seen, since=since)
        self._publish()

    def _lost(self, problem: str) -> None:
        if self.state.connected or problem != self.state.problem:
            logger.warning("MCP server %s: %s", self._server.name, problem)
        elif self.was_tried:
            return
        self.offered = ()
        since = timezone.now() if self.state.connected else self.state.since
        self.state = replace(self.state, connected=False, problem=problem, since=since)
        self._publish()

    def _publish(self) -> None:
        self.was_tried = True
        self._changed()
