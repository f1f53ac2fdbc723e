"""A remote MCP server as a snapshot names it. Pure."""

from dataclasses import dataclass

from catalog.stages import Stage


@dataclass(frozen=True, slots=True)
class McpServerSpec:
    """`headers` as staff wrote them: secrets are filled in when a connection is opened."""

    name: str
    url: str
    headers: str
    stage: Stage  # of tools that have no row of their own yet
