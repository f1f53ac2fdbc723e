"""Answers that make no sense: right in form at first sight, from the mildest to the wildest."""

import json

from aiohttp import web

EVENTS = (
    'data: {"id": 5, "object": "chat.completion.chunk", "choices": "none"}\n\n',
    "data: [[[\n\n",
    "\x00\x01\n\n",
)
BODY = '{"choices": 7, "sid": [], "data": {"rows": "'  # and breaks off


def senseless_answer(*, as_events: bool) -> web.Response:
    """HTTP 200, and nothing in it that a client could use."""
    if as_events:
        return web.Response(text="".join(EVENTS), content_type="text/event-stream")
    return web.Response(text=BODY, content_type="application/json")


async def send_senseless(socket: web.WebSocketResponse, context_id: str = "") -> None:
    """Over a socket: wrong types, JSON that is no object, no JSON, bytes."""
    wrong_types = {
        "type": "chunk",
        "context_id": context_id,
        "data": 5,
        "done": "perhaps",
        "text": {"words": None},
        "is_final": "no",
        "status_code": "two hundred",
    }
    for text in (json.dumps(wrong_types), "[7]", "<html>502 Bad Gateway</html>"):
        await socket.send_str(text)
    await socket.send_bytes(b"\x00\xff\xfe" * 50)
