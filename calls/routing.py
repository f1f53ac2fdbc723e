"""Which connections take the short way past Django's middleware, and where sockets go."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import URLRouter
from django.conf import settings
from django.urls import path

from calls.consumers import MediaStreamConsumer
from calls.short_way import ShortWay

Application = Callable[[Any, Any, Any], Awaitable[None]]


def short_way(otherwise: Application) -> Application:
    """HTTP: the calls' own URLs directly, everything else to `otherwise`."""
    return ShortWay("calls.urls", otherwise)


async def not_found(scope: Any, receive: Any, send: Any) -> None:
    """What a voice server without the admin answers to everything else."""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"Not found.\n"})


# No AllowedHostsOriginValidator: Twilio sends no Origin, and a rejected handshake is a lost call.
websockets = URLRouter(
    [path(settings.TWILIO_WS_PATH.removeprefix("/"), MediaStreamConsumer.as_asgi())]
)
