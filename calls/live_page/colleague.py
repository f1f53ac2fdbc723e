"""Who is at the page, and what may they do now? Asked again for each order: rights come and go."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from auditlog import get_logentry_model
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from calls.live_page.wire import Order
from calls.models import Call
from catalog.authorship import AuthorshipMiddleware
from staff.second_factor.standing import Standing, standing

ASKED_KEPT = 100  # characters of a target's name; guidance stands in the call's own record


@dataclass(frozen=True, slots=True)
class Colleague:
    name: str
    may_order: bool
    sees_numbers: bool


def colleague_of(session_key: str) -> Colleague | None:
    """None for somebody who is not logged in any more, lacks a step of it, or may not see calls."""
    request = _request_of(session_key)
    user = request.user
    if standing(request) is not Standing.FREE:
        return None
    if not (user.is_active and user.is_staff and user.has_perm("calls.view_call")):
        return None
    return Colleague(
        user.get_username(),
        user.has_perm("calls.supervise_call"),
        user.has_perm("calls.see_phone_numbers"),
    )


def ordered(session_key: str, order: Order) -> None:
    """Put the order in the audit log, under the name of whoever gave it."""

    def write(_request: HttpRequest) -> HttpResponse:
        call = Call.objects.filter(call_sid=order.call_sid).first()
        entries = get_logentry_model()
        live = {"order": order.kind, "call_sid": order.call_sid}
        if order.kind == "transfer":
            live["to"] = order.text[:ASKED_KEPT]
        entries.objects.create(
            content_type=ContentType.objects.get_for_model(Call),
            object_pk=str(call.pk) if call else "",
            object_id=call.pk if call else None,
            object_repr=order.call_sid,
            action=entries.Action.UPDATE,
            additional_data={"live": live},
        )
        return HttpResponse()

    AuthorshipMiddleware(write)(_request_of(session_key))


def _request_of(session_key: str) -> HttpRequest:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    request.user = get_user(request)
    return request


def language_of(scope: Mapping[str, Any]) -> str:
    """As the locale middleware finds it for the page: the one chosen, or else the browser's."""
    request = HttpRequest()
    request.COOKIES = scope.get("cookies", {})
    headers = dict(scope["headers"])
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get(b"accept-language", b"").decode("latin-1")
    return translation.get_language_from_request(request)
