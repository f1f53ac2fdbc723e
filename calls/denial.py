"""How is a socket refused before it is open, with a status of our choosing?

By ASGI's "websocket denial response". A proxy takes 503 to another server, and 403, which is what
a close is, for an answer.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

DENIAL = "websocket.http.response"


def can_deny(scope: Mapping[str, Any]) -> bool:
    """Whether the server has it."""
    return DENIAL in scope.get("extensions", {})


async def deny(send: Callable[[dict[str, Any]], Awaitable[None]], status: int) -> None:
    headers = [(b"retry-after", b"1")]
    await send({"type": f"{DENIAL}.start", "status": status, "headers": headers})
    await send({"type": f"{DENIAL}.body", "body": b""})
