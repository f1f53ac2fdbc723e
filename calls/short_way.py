"""HTTP requests that must not wait for anything: straight from ASGI to an async view.

Django's own ASGI handler crosses to a thread several times for each request (its middleware, its
request signals), behind whatever else those threads do. A webhook that rings a phone may not.
"""

import functools
import io
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, HttpResponseBadRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, resolve

from calls.body_limits import SMALL, declares_too_much
from calls.bounded_body import refuse

MAX_BODY_BYTES = SMALL.most_bytes
# For a browser that is led here: nothing of an answer is a page. Django's middleware, which would
# say so, is not on this way.
FOR_BROWSERS = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class BodyTooLarge(Exception):
    """The request's body is larger than anything Twilio sends."""


class ShortWay:
    """Serves the views of one URLconf; they are async and touch neither database nor session."""

    def __init__(self, urlconf: str, otherwise: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        self._urlconf = urlconf
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            match = resolve(scope["path"], urlconf=self._urlconf)
        except Resolver404:
            await self._otherwise(scope, receive, send)
            return
        try:
            body = await _read_body(scope, receive)
        except BodyTooLarge:
            await refuse(send)
            return
        if body is None:
            return  # The client went away.
        await _answer(
            send, await _respond(functools.partial(match.func, **match.kwargs), scope, body)
        )


async def _respond(view: Callable[..., Any], scope: Scope, body: bytes) -> HttpResponse:
    try:
        response: HttpResponse = await view(_request(scope, body))
    except (
        BadRequest,
        MultiPartParserError,
        RequestDataTooBig,
        SuspiciousOperation,
        UnreadablePostError,
    ):
        return HttpResponseBadRequest("The request cannot be read.\n", content_type="text/plain")
    return response


def _request(scope: Scope, body: bytes) -> ASGIRequest:
    try:
        return ASGIRequest(scope, io.BytesIO(body))
    except ValueError as error:  # A query string that is not UTF-8, an encoding nobody knows.
        raise BadRequest from error


async def _read_body(scope: Scope, receive: Receive) -> bytes | None:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declares_too_much(declared, MAX_BODY_BYTES):
        raise BodyTooLarge
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return body


async def _answer(send: Send, response: HttpResponse) -> None:
    headers = [
        *FOR_BROWSERS,
        *((name.encode("latin-1"), value.encode("latin-1")) for name, value in response.items()),
    ]
    headers.append((b"content-length", str(len(response.content)).encode("ascii")))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
