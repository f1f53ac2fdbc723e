"""What tests ask of the sessions of this process."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from catalog.snapshot_mcp import McpServerSpec
from catalog.stages import Stage
from catalog.tools import mcp
from catalog.tools.context import ToolOutcome
from catalog.tools.spec import ToolSpec

PATIENCE_SECONDS = 15.0


def server_spec(name: str, url: str, headers: str = "") -> McpServerSpec:
    return McpServerSpec(name, url, headers, Stage.FULL)


def connected(*servers: McpServerSpec) -> None:
    """From now on these, as far as they are there."""
    mcp.follow(servers)
    mcp.prepare()


def tool(server: McpServerSpec, name: str) -> ToolSpec:
    def found() -> dict[str, ToolSpec]:
        return {spec.name: spec for spec in mcp.tools_of(server)}

    soon(lambda: name in found())
    return found()[name]


def names(server: McpServerSpec) -> list[str]:
    return [spec.name for spec in mcp.tools_of(server)]


def soon(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> float:
    """How long it took, in seconds."""
    began_at = time.monotonic()
    while not condition():
        assert time.monotonic() < began_at + seconds, "it did not come to that"
        time.sleep(0.005)
    return time.monotonic() - began_at


def run(server: McpServerSpec, name: str, /, **arguments: Any) -> ToolOutcome:
    """As a call runs it, without its context. Raises ToolError."""

    async def running() -> ToolOutcome:
        spec = tool(server, name)
        return await spec.handler(None, **spec.check_arguments(arguments))

    return asyncio.run(running())
