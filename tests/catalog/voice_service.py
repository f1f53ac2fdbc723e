"""A voice service that answers whatever a test wants, over a real socket."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[str]:
    """Yields the URL as CARTESIA_BASE_URL has it."""
    application = web.Application(client_max_size=16_000_000)
    application.router.add_post("/{path:.*}", handler)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def event(kind: str, **fields: object) -> dict[str, object]:
    return {"type": kind, "done": kind == "done", "status_code": 206, **fields}


def chunk(ms: int) -> dict[str, object]:
    """So much silence, at 24 kHz."""
    return event("chunk", data=base64.b64encode(bytes(48 * ms)).decode(), step_time=0.0)


def timestamps(words: list[str], start: list[float], end: list[float]) -> dict[str, object]:
    return event("timestamps", word_timestamps={"words": words, "start": start, "end": end})


def events(*documents: object) -> Handler:
    """An answer of these server-sent events."""

    async def handler(request: web.Request) -> web.StreamResponse:
        body = "".join(f"data: {json.dumps(document)}\n\n" for document in documents)
        return web.Response(text=body, content_type="text/event-stream")

    return handler


def document(**fields: object) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response(fields)

    return handler


def page(text: str, content_type: str) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=content_type)

    return handler
