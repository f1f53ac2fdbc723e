"""Every tool there is, wherever it comes from: of the code, made by staff, of remote servers.

For the admin and the checks. A call is offered what catalog/tools_on_offer.py says.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from catalog.mcp_overview import overviews
from catalog.models import HttpTool, HttpToolParameter, McpServer
from catalog.tools.context import ToolContext, ToolError, ToolOutcome
from catalog.tools.http import http_tool_specs
from catalog.tools.registry import all_tools, lookup
from catalog.tools.spec import Source, ToolSpec


def known_tool(name: str) -> ToolSpec | None:
    """By its name, or by another name it goes by. Whoever asks for many takes known_tools()."""
    return lookup(name) or _from_the_database().get(name)


def known_tools() -> Mapping[str, ToolSpec]:
    """By name. Where two have the same, the one that calls would be offered."""
    return {**_from_the_database(), **{spec.name: spec for spec in all_tools()}}


def made_by_staff() -> tuple[ToolSpec, ...]:
    """Those of `known_tools` that the code does not bring."""
    return tuple(
        spec for spec in known_tools().values() if spec.source in (Source.HTTP, Source.MCP)
    )


def remote_stages() -> Mapping[str, str]:
    """The tools that the servers list at present, each with the stage that a new one begins at."""
    stages = dict(McpServer.objects.filter(enabled=True).values_list("name", "stage"))
    return {
        tool.name: stages[server]
        for server, overview in overviews().items()
        if server in stages
        for tool in overview.offered
    }


def server_of(name: str) -> McpServer | None:
    """The remote server whose tool this is by its name, also while nobody knows its tools."""
    return McpServer.objects.filter(name=name.partition("_")[0]).first() if "_" in name else None


def source_label(spec: ToolSpec) -> str:
    match spec.source:
        case Source.BUILT_IN:
            return _("Built in")
        case Source.CUSTOM:
            return _("Custom file")
        case Source.HTTP:
            return _("HTTP")
        case Source.MCP:
            return spec.origin


def _from_the_database() -> dict[str, ToolSpec]:
    http = http_tool_specs(
        HttpTool.objects.order_by("pk"), HttpToolParameter.objects.order_by("pk")
    )
    return {**{spec.name: spec for spec in _remote()}, **{spec.name: spec for spec in http}}


def _remote() -> Iterator[ToolSpec]:
    servers = set(McpServer.objects.values_list("name", flat=True))
    for server, overview in overviews().items():
        if server not in servers:
            continue
        for tool in overview.offered:
            yield ToolSpec(
                name=tool.name,
                description=tool.description,
                parameters=tool.parameters,
                handler=_elsewhere,
                changes_something=tool.changes_something,
                source=Source.MCP,
                origin=server,
            )


async def _elsewhere(context: ToolContext, **arguments: Any) -> ToolOutcome:
    raise ToolError(_("I cannot reach that system at the moment."))
