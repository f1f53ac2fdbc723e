"""How the processes that answer calls get on with each remote server, put together for staff."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from catalog.models import McpConnection
from catalog.presence import GONE_SECONDS
from catalog.tools.mcp_seen import SeenTool, seen_tool


@dataclass(frozen=True, slots=True)
class ServerOverview:
    """`connected` of `processes` have a session. `tools` are those that were listed last.

    `connections` has one row a process, those with a problem first.
    """

    connections: tuple[McpConnection, ...] = ()
    tools: tuple[SeenTool, ...] = ()

    @property
    def processes(self) -> int:
        return len(self.connections)

    @property
    def connected(self) -> int:
        return sum(row.connected for row in self.connections)

    @property
    def problem(self) -> str:
        """The last one, of a process that is not connected if there is one; may be over."""
        return next((row.problem for row in self.connections if row.problem), "")

    @property
    def offered(self) -> tuple[SeenTool, ...]:
        return tuple(tool for tool in self.tools if not tool.problem)


NOTHING_KNOWN = ServerOverview()


def overviews() -> Mapping[str, ServerOverview]:
    """By the server's name; one query."""
    heard_of = timezone.now() - timedelta(seconds=GONE_SECONDS)
    rows = McpConnection.objects.filter(process__seen_at__gte=heard_of)
    by_server: dict[str, list[McpConnection]] = defaultdict(list)
    for row in rows.select_related("process").order_by("connected", "-since"):
        by_server[row.server_name].append(row)
    return {
        name: ServerOverview(tuple(connections), _listed_last(connections))
        for name, connections in by_server.items()
    }


def _listed_last(connections: list[McpConnection]) -> tuple[SeenTool, ...]:
    """A process that has never reached the server knows less than one that has lost it."""
    newest_first = sorted(connections, key=lambda row: (row.connected, row.since), reverse=True)
    kept: object = next((row.tools for row in newest_first if row.tools), ())
    found = (seen_tool(part) for part in kept) if isinstance(kept, list) else ()
    return tuple(tool for tool in found if tool is not None)
