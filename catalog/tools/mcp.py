"""Tools of remote MCP servers."""

from catalog.snapshot_mcp import McpServerSpec
from catalog.tools.spec import ToolSpec


def tools_of(server: McpServerSpec) -> tuple[ToolSpec, ...]:
    """What this server offers; empty while it is down."""
    return ()
