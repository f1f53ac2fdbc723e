"""Tools of remote MCP servers: what they offer at this moment, read without waiting for them."""

import importlib
from collections.abc import Iterable, Mapping

from catalog.snapshot_mcp import McpServerSpec
from catalog.tools.mcp_pool import McpPool, key_of
from catalog.tools.mcp_seen import ServerState
from catalog.tools.spec import ToolSpec

PREPARE_SECONDS = 2.0

_pool = McpPool()


def tools_of(server: McpServerSpec) -> tuple[ToolSpec, ...]:
    """What this server offers; empty while it is down. No I/O: a look into a mapping."""
    return _pool.offered.get(key_of(server), ())


def follow(servers: Iterable[McpServerSpec]) -> None:
    """Connect to these and to no others, in the background. Called with every new snapshot."""
    _pool.follow(servers)


def prepare() -> None:
    """Part of the warm-up: wait until the servers are connected, but for a dead one not for long.

    The SDK is imported even if there is no server yet: it takes 0.7 s of processor time and 19 MB,
    and the first server that staff add would have the calls of that moment pay for it.
    """
    importlib.import_module("catalog.tools.mcp_connection")
    _pool.wait(PREPARE_SECONDS)


def states() -> Mapping[str, ServerState]:
    """How this process gets on with each server, by its name, once it has tried."""
    return _pool.states


def stop() -> None:
    """This process is about to end."""
    _pool.stop()
