"""Which connections take the short way past Django's middleware, and where sockets go."""

from typing import Any

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.urls import path, re_path

from calls import refusals
from calls.bounded_body import Application, BoundedBody
from calls.consumers import MediaStreamConsumer
from calls.live_page.carrier import listen as live_page_listens
from calls.live_page.consumer import LivePageConsumer
from calls.refusals import Refused
from calls.short_way import FOR_BROWSERS, ShortWay

LIVE_PAGE_PATH = "admin/calls/live"


def short_way(otherwise: Application) -> Application:
    """HTTP: the calls' own URLs directly, everything else to `otherwise`."""
    return ShortWay("calls.urls", BoundedBody(otherwise))


async def not_found(scope: Any, receive: Any, send: Any) -> None:
    """What a voice server without the admin answers to everything else."""
    await send({"type": "http.response.start", "status": 404, "headers": FOR_BROWSERS})
    await send({"type": "http.response.body", "body": b"Not found.\n"})


async def no_such_socket(scope: Any, receive: Any, send: Any) -> None:
    """Refused before it is open. Channels would raise, and each try would be a traceback."""
    await receive()
    refusals.note(Refused.NO_SUCH_SOCKET)
    await send({"type": "websocket.close"})


# No AllowedHostsOriginValidator: Twilio sends no Origin, and a rejected handshake is a lost call.
_media = path(settings.TWILIO_WS_PATH.removeprefix("/"), MediaStreamConsumer.as_asgi())
# With it, and with the cookies: what a page of another site opens has this one's cookies.
_live_page = path(
    LIVE_PAGE_PATH,
    AllowedHostsOriginValidator(CookieMiddleware(LivePageConsumer.as_asgi())),
    name="live_page",
)
_of_the_admin = [_live_page] if settings.SERVES_ADMIN else []
websockets = URLRouter([_media, *_of_the_admin, re_path("", no_such_socket)])  # type: ignore[arg-type]
live_page_listens()
