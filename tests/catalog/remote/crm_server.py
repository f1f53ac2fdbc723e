"""An MCP server made with the SDK, as somebody else would write it: `python crm_server.py PORT`.

Its tools answer at once, late, at length, in another shape, or not at all. With --old it speaks
only the protocol of 2025, with its handshake and sessions.
"""

import asyncio
import json
import logging
import sys
from typing import Any

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("crm")
READS = ToolAnnotations(read_only_hint=True)
notes: dict[str, str] = {}


@server.tool(annotations=READS)
def search(query: str, limit: int = 5) -> str:
    """Search the customer records."""
    return f"Found for {query}: order 4711, shipped on Monday. (limit {limit})"


@server.tool(annotations=READS)
def headers(ctx: Context) -> str:
    """Tell what was sent along."""
    request = ctx.request_context.request
    return json.dumps({"authorization": request.headers.get("authorization")})


@server.tool()
def add_note(text: str, ctx: Context) -> str:
    """Write a note down."""
    meta: Any = ctx.request_context.meta or {}
    notes.setdefault(meta.get("idempotencyKey", ""), text)
    return json.dumps({"notes": list(notes.values()), "keys": list(notes)})


@server.tool(annotations=ToolAnnotations(idempotent_hint=True))
def set_status(status: str) -> str:
    """Set the status."""
    return status


@server.tool(annotations=READS)
async def slow(seconds: float) -> str:
    """Answer late."""
    await asyncio.sleep(seconds)
    return "late"


@server.tool(annotations=READS)
def huge(kib: int) -> str:
    """Answer at length."""
    return "x" * (kib * 1024)


@server.tool(annotations=READS)
def broken() -> str:
    """Fail."""
    raise RuntimeError("the records are locked")


@server.tool(annotations=READS, structured_output=True)
def totals() -> dict[str, int]:
    """Answer with numbers."""
    return {"open": 3, "closed": 7}


@server.tool()
async def learn(name: str, ctx: Context) -> str:
    """Offer one tool more from now on."""

    def learned() -> str:
        return f"I am {name}."

    server.add_tool(learned, name=name, description=f"The tool {name}.")
    if "--old" in sys.argv:
        await ctx.session.send_tool_list_changed()
    else:
        await ctx.notify_tools_changed()
    return "learned"


class Old:
    """An ASGI application that has not heard of the newer protocol."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if dict(scope.get("headers", ())).get(b"mcp-method") != b"server/discover":
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    app: Any = server.streamable_http_app()
    if "--old" in sys.argv:
        app = Old(app)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical")
