"""A session lasts for SESSION_COOKIE_AGE from the last page that somebody asked for."""

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY, user_logged_in
from django.http import HttpRequest, HttpResponse

# So often a session is written anew, at most: a row for each click would be too much.
EVERY_SECONDS = 600.0
_KEY = "seen"
# Pages ask for these by themselves: an open window is nobody at work.
BY_ITSELF = {"admin:catalog_catalogrevision_serving"}


class IdleSessionMiddleware:
    """Stands after the session's. Sockets prolong nothing: they do not pass here.

    Whoever is not logged in gets no row from here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        match, session = request.resolver_match, request.session
        by_hand = match is not None and match.view_name not in BY_ITSELF
        if by_hand and SESSION_KEY in session:
            now = time.time()
            if not 0 <= now - session.get(_KEY, 0.0) < EVERY_SECONDS:
                session[_KEY] = now
        return response


def connect() -> None:
    """From the start on: the middleware is imported no sooner than at the first request."""
    user_logged_in.connect(_begin, dispatch_uid="staff.idle_sessions")


def _begin(sender: Any, request: HttpRequest, **_more: Any) -> None:
    """Written with the log-in itself, and not again with the page after it."""
    request.session[_KEY] = time.time()
