"""Servers that do not do what the protocol says, one a path: `python rude_server.py PORT`."""

import asyncio
import json
import sys
from typing import Any

from aiohttp import web

routes = web.RouteTableDef()


@routes.route("*", "/html")
async def html(request: web.Request) -> web.Response:
    return web.Response(text="<h1>Welcome</h1>", content_type="text/html")


@routes.route("*", "/garbage")
async def garbage(request: web.Request) -> web.Response:
    return web.Response(text='{"jsonrpc": "2.0", "result', content_type="application/json")


@routes.route("*", "/locked")
async def locked(request: web.Request) -> web.Response:
    return web.Response(status=401)


@routes.route("*", "/elsewhere")
async def elsewhere(request: web.Request) -> web.Response:
    return web.Response(status=307, headers={"Location": "http://127.0.0.1:1/mcp"})


@routes.route("*", "/hang")
async def hang(request: web.Request) -> web.Response:
    await asyncio.sleep(60.0)
    return web.Response()


@routes.route("*", "/endless")
async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" " * 65_536)


LISTED: list[dict[str, Any]] = [
    {"name": "Good One", "inputSchema": {"type": "object"}},
    {"name": "good-one", "inputSchema": {"type": "object"}},
    {"name": "!!!", "inputSchema": {"type": "object"}},
    {"name": "no_schema", "inputSchema": {"type": "object", "properties": {"a": {"type": 7}}}},
    {
        "name": "large",
        "inputSchema": {"type": "object", "description": "x" * 20_000},
    },
    *({"name": name, "inputSchema": {"type": "object"}} for name in ("garble", "drop", "stall")),
    {"name": "wordy", "description": "word " * 1_000, "inputSchema": {"type": "object"}},
]


@routes.post("/half")
async def half(request: web.Request) -> web.StreamResponse:
    """It shakes hands and lists its tools, and that is all it can."""
    asked = await request.json()
    match asked.get("method"):
        case "initialize":
            result: dict[str, Any] = {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "half", "version": "1"},
            }
        case "tools/list":
            page = int((asked.get("params") or {}).get("cursor", "0"))
            result = {"tools": LISTED[page : page + 4]}
            if page + 4 < len(LISTED):
                result["nextCursor"] = str(page + 4)
        case "tools/call":
            return await _spoiled(request, asked["params"]["name"])
        case "notifications/initialized" | "notifications/cancelled":
            return web.Response(status=202)
        case _:  # Also ping: it has never heard of that.
            unknown = {"code": -32601, "message": "unknown"}
            return web.json_response({"jsonrpc": "2.0", "id": asked["id"], "error": unknown})
    return web.json_response({"jsonrpc": "2.0", "id": asked["id"], "result": result})


async def _spoiled(request: web.Request, tool: str) -> web.StreamResponse:
    if tool == "drop":
        assert request.transport is not None
        request.transport.close()
    elif tool == "stall":
        await asyncio.sleep(60.0)
    return web.Response(text=json.dumps({"id": 1, "result": 5}), content_type="application/json")


@routes.get("/half")
async def no_events(request: web.Request) -> web.Response:
    return web.Response(status=405)


if __name__ == "__main__":
    application = web.Application()
    application.add_routes(routes)
    web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None)
