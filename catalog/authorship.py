"""Whose doing is this? The name that stands beside versions and revisions."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse

_user: ContextVar[Any] = ContextVar("user", default=None)


def author_name() -> str:
    """The login name of whoever is at work; empty for commands and tests.

    A name and not a user: it stays when the account is deleted.
    """
    user = _user.get()
    return user.get_username() if user is not None and user.is_authenticated else ""


class AuthorshipMiddleware:
    """Stands after the one that authenticates. The user stays unread until a name is needed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _user.set(getattr(request, "user", None))
        try:
            return self._get_response(request)
        finally:
            _user.reset(token)
