"""No request to the rest of the application may have a larger body than it needs.

Under uvicorn, Django would write all of it to the disk before it looks at anything. Under Daphne,
which itself reads all of it first, see calls/daphne_requests.py.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from calls import refusals
from calls.body_limits import declares_too_much, limit_of
from calls.refusals import Refused

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class BoundedBody:
    """Wraps an ASGI application, of which it only passes HTTP on."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        path = scope.get("raw_path") or scope["path"].encode()
        session_cookie = settings.SESSION_COOKIE_NAME.encode()
        most = limit_of(path, headers.get(b"cookie", b""), session_cookie).most_bytes
        body = _Counted(receive, most)
        body.too_large = declares_too_much(headers.get(b"content-length", b"0"), most)
        if not body.too_large:
            await self._application(scope, body.receive, send)
        if body.too_large:
            await refuse(send)


class _Counted:
    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive = receive
        self._left_bytes = most_bytes
        self.too_large = False

    async def receive(self) -> dict[str, Any]:
        """To the application, a client that sends too much has gone."""
        message = await self._receive()
        self._left_bytes -= len(message.get("body", b""))
        if self._left_bytes < 0:
            self.too_large = True
            return {"type": "http.disconnect"}
        return message


async def refuse(send: Send) -> None:
    refusals.note(Refused.BODY_TOO_LARGE)
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b"The request is too large.\n"})
