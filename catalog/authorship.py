"""Whose doing is this? The name that stands beside versions and revisions."""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

# The request and not its user: that is a lazy object, and asgiref's look at each context variable
# would read it from the database in the event loop, which Django refuses.
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def author_name() -> str:
    """The login name of whoever is at work; empty for commands and tests.

    A name and not a user: it stays when the account is deleted.
    """
    user = getattr(_request.get(), "user", None)
    return user.get_username() if user is not None and user.is_authenticated else ""


class AuthorshipMiddleware:
    """Stands after the one that authenticates. The user stays unread until a name is needed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _request.set(request)
        try:
            return self._get_response(request)
        finally:
            _request.reset(token)
