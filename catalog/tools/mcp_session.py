"""One session with a remote MCP server, from its first byte to its last.

Importing the SDK takes about a second: only the thread of mcp_pool.py and the warm-up do it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2
from django.utils.translation import gettext as _
from mcp import Client, MCPError
from mcp.client.session import IncomingMessage
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import SubscriptionLost
from mcp.types import (
    METHOD_NOT_FOUND,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    Tool,
    ToolListChangedNotification,
)
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from catalog.snapshot_mcp import McpServerSpec
from catalog.tools import outbound
from catalog.tools.headers import HeadersUnusable, filled_headers
from catalog.tools.mcp_listing import MOST_TOOLS, TIMEOUT_SECONDS
from catalog.tools.mcp_wire import MOST_BYTES, Wire

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0  # until its tools are listed
LISTING_SECONDS = 5.0
PONG_SECONDS = 3.0
LISTEN_AGAIN_SECONDS = 5.0
A_DAY_SECONDS = 86_400.0  # no answer takes so long: mcp_wire.py has the deadlines
MOST_PAGES = 20
KEY = "idempotencyKey"  # in the `_meta` of a call that changes something


class SessionFailed(Exception):
    """The server is not there, or no longer; the message is a sentence for staff."""


class Session:
    """`woken` is set when there is a reason to look at the server before the next ping is due."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.tools_may_differ = False
        self.client: Client | None = None

    async def tools(self) -> list[Tool]:
        """All pages, up to what can be used. Raises MCPError, TimeoutError, ValidationError."""
        self.tools_may_differ = False
        found: list[Tool] = []
        cursor: str | None = None
        async with asyncio.timeout(LISTING_SECONDS):
            for _page in range(MOST_PAGES):
                page = await self._connected.list_tools(cursor=cursor)
                found += page.tools
                cursor = page.next_cursor
                if not cursor or len(found) > MOST_TOOLS:
                    break
        return found

    async def ping(self) -> None:
        """Raises MCPError or TimeoutError when it does not answer."""
        client = self._connected
        try:
            async with asyncio.timeout(PONG_SECONDS):
                if self.is_modern:  # There, ping is no more.
                    await client.session.send_discover(client.protocol_version)
                else:
                    await client.session.send_ping()
        except MCPError as error:
            if error.code != METHOD_NOT_FOUND:
                raise
            await self.tools()

    async def call(self, tool: str, arguments: Mapping[str, Any], key: str) -> CallToolResult:
        """Raises MCPError or ValidationError."""
        # Not Client.call_tool: it checks the answer against the server's own schema, which can
        # take hours by design, and tells the caller of it nothing.
        meta: Any = {KEY: key} if key else None
        request = CallToolRequest(
            params=CallToolRequestParams(name=tool, arguments=dict(arguments), _meta=meta)
        )
        return await self._connected.session.send_request(
            request, CallToolResult, request_read_timeout_seconds=TIMEOUT_SECONDS
        )

    @property
    def is_modern(self) -> bool:
        """Without a handshake, so a lost server cannot be told by a broken session."""
        return self._connected.protocol_version in MODERN_PROTOCOL_VERSIONS

    async def listen(self) -> None:
        """Keep open what a modern server tells changes by, until cancelled or refused."""
        while True:
            with suppress(SubscriptionLost, TimeoutError):
                try:
                    async with self._connected.listen(tools_list_changed=True) as changes:
                        async for _change in changes:
                            self.look()
                except MCPError as error:
                    if error.code == METHOD_NOT_FOUND:
                        return
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)

    async def heard(self, message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            self.look()

    def look(self) -> None:
        """Have the tools listed again, now."""
        self.tools_may_differ = True
        self.woken.set()

    @property
    def _connected(self) -> Client:
        assert self.client is not None
        return self.client


@asynccontextmanager
async def opened(server: McpServerSpec) -> AsyncIterator[tuple[Session, list[Tool]]]:
    """A session, and the tools it began with. Whatever ends it is raised as SessionFailed."""
    session = Session()
    wire: Wire | None = None
    try:
        async with asyncio.timeout(CONNECT_SECONDS) as deadline:
            async with outbound.client(
                CONNECT_SECONDS, read_seconds=A_DAY_SECONDS, most_bytes=None
            ) as way:
                wire = Wire(way, session.look)
                async with _http(server, wire) as http, _client(server, session, http) as client:
                    session.client = client
                    tools = await session.tools()
                    deadline.reschedule(None)
                    async with _listening(session):
                        yield session, tools
    except HeadersUnusable as error:
        raise SessionFailed(str(error)) from error
    # A root: a server of somebody else can make the SDK raise anything, in groups of groups.
    except Exception as error:
        logger.debug("The session with %s ended: %s.", server.name, type(error).__name__)
        raise SessionFailed(_problem(wire, error)) from error


def _http(server: McpServerSpec, wire: Wire) -> httpx2.AsyncClient:
    headers = {
        "User-Agent": "voiceagent",
        "Accept-Encoding": "identity",
        **dict(filled_headers(server.headers)),
    }
    return httpx2.AsyncClient(transport=wire, headers=headers, timeout=None, trust_env=False)


def _client(server: McpServerSpec, session: Session, http: httpx2.AsyncClient) -> Client:
    return Client(
        streamable_http_client(server.url, http_client=http, max_sse_event_size=MOST_BYTES),
        cache=None,
        client_info=Implementation(name="voiceagent", version="1"),
        message_handler=session.heard,
    )


@asynccontextmanager
async def _listening(session: Session) -> AsyncIterator[None]:
    if not session.is_modern:
        yield
        return
    listening = asyncio.create_task(session.listen(), name="MCP changes")
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.wait({listening})


def _problem(wire: Wire | None, error: Exception) -> str:
    if wire is not None and wire.problem:
        return wire.problem
    if any(isinstance(part, TimeoutError) for part in _parts(error)):
        return _("It did not answer in time.")
    return _("It does not answer as an MCP server does.")


def _parts(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _parts(part)
    else:
        yield error
