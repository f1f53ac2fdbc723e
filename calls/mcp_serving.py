"""The tools of the catalog for any MCP client: the same tools, checks and deadlines as in a call.

Nothing here imports the pipeline. A request that changes something carries a key in its `_meta`
(`idempotencyKey`), as our own requests to other servers do: the same key is the same request.
"""

import json
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.types import (
    INTERNAL_ERROR,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from calls.caller_context import Prefetch
from calls.no_call import NoCall
from calls.tool_runner import ToolRequest, ToolRunner, ToolRunResult
from catalog.snapshot import AgentSpec, CatalogSnapshot
from catalog.snapshot_loading import SnapshotInvalid, load_snapshot, newest_revision
from catalog.stages import Stage
from catalog.tools.spec import ToolSpec
from catalog.tools_on_offer import tools_on_offer

logger = logging.getLogger(__name__)

KEY = "idempotencyKey"


class NoSuchAgent(Exception):
    """The message names the agents there are."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Whose business it is (empty: the default agent's), and who would be on the line."""

    agent_name: str = ""
    caller_number: str | None = None


class ServedTools:
    """The newest catalog at each request, read again only when there is a newer one."""

    def __init__(self, standpoint: Standpoint) -> None:
        self._standpoint = standpoint
        self._snapshot: CatalogSnapshot | None = None

    def on_offer(self) -> tuple[AgentSpec, tuple[ToolSpec, ...]]:
        """Reads the database. Raises SnapshotInvalid, DatabaseError or NoSuchAgent."""
        try:
            newest = newest_revision()
            if self._snapshot is None or self._snapshot.revision != newest:
                self._snapshot = load_snapshot(newest)
        finally:
            connections.close_all()  # A connection kept would outlive a restart of the database.
        agent = agent_of(self._snapshot, self._standpoint.agent_name)
        return agent, tools_on_offer(self._snapshot, agent, Stage.FULL)

    async def list(
        self, context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        _agent, tools = await self._on_offer()
        return ListToolsResult(tools=[_listed(tool) for tool in tools])

    async def call(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        agent, tools = await self._on_offer()
        number = self._standpoint.caller_number
        line = NoCall(agent, number)
        customer = await Prefetch(number).customer()
        if customer is not None:
            line.customer_is(customer)
        key = str((params.meta or {}).get(KEY, "")) or uuid.uuid4().hex
        runner = ToolRunner(f"mcp-{key}", line, _not_recorded)
        runner.knows(tools)
        runner.shown(frozenset(tool.name for tool in tools))
        done = await runner.run(ToolRequest(params.name, params.arguments or {}))
        return _result(done)

    async def _on_offer(self) -> tuple[AgentSpec, tuple[ToolSpec, ...]]:
        try:
            return await sync_to_async(self.on_offer)()
        except (SnapshotInvalid, DatabaseError, NoSuchAgent) as error:
            logger.error("The catalog cannot be served from: %s", error)
            raise MCPError(INTERNAL_ERROR, "The catalog cannot be read.") from error


def server(tools: ServedTools) -> Server[Any]:
    return Server(
        "voiceagent",
        version=settings.VERSION,
        instructions="The tools of a telephone agent, without a telephone call.",
        on_list_tools=tools.list,
        on_call_tool=tools.call,
    )


def agent_of(snapshot: CatalogSnapshot, name: str) -> AgentSpec:
    agents: Sequence[AgentSpec] = tuple(snapshot.agents.values())
    if not name and snapshot.default_agent_id is not None:
        return snapshot.agents[snapshot.default_agent_id]
    for agent in agents:
        if agent.name == name:
            return agent
    raise NoSuchAgent("Use one of: " + ", ".join(agent.name for agent in agents))


def _listed(tool: ToolSpec) -> Tool:
    return Tool(
        name=tool.name,
        description=tool.description,
        input_schema=dict(tool.parameters),
        annotations=ToolAnnotations(
            read_only_hint=not tool.changes_something,
            idempotent_hint=tool.may_repeat,
        ),
    )


def _result(done: ToolRunResult) -> CallToolResult:
    told = done.result.for_the_model()
    return CallToolResult(
        content=[TextContent(type="text", text=json.dumps(told, ensure_ascii=False))],
        structured_content=told,
        is_error=not done.result.ok,
    )


def _not_recorded(request: ToolRequest, result: ToolRunResult) -> None:
    """There is no call whose record it would stand in."""
