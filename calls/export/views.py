"""The calls that the list shows, with its filters, search and order, as a file."""

import functools
from typing import Any

from auditlog import get_logentry_model
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, PAGE_VAR
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.export.file_formats import FORMATS
from calls.export.stream import keys_of, streamed
from calls.models import Call

LIST = "admin:calls_call_changelist"


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """For the URLs of the list: export.csv and export.json."""
    return [
        path(
            f"export.{name}",
            site.admin_view(functools.partial(export, name=name)),
            name=f"calls_call_export_{name}",
        )
        for name in FORMATS
    ]


def export(request: HttpRequest, name: str) -> HttpResponseBase:
    user = request.user
    if not (user.has_perm("calls.view_call") and user.has_perm("calls.export_call")):
        raise PermissionDenied
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    try:
        calls = _shown(request)
    except IncorrectLookupParameters:
        messages.error(request, _("These filters cannot be understood. Choose them again."))
        return HttpResponseRedirect(reverse(LIST))
    file_format = FORMATS[name]
    keys = keys_of(calls[: file_format.most_calls + 1])
    if len(keys) > file_format.most_calls:
        # Daphne ends what takes longer than a minute as if it were whole: rows would be missing.
        text = _("A file holds at most %(most)d calls. Narrow the list and export it in parts.")
        messages.error(request, text % {"most": file_format.most_calls})
        return HttpResponseRedirect(f"{reverse(LIST)}?{request.GET.urlencode()}")
    _write_down(name, len(keys))
    with_numbers = user.has_perm("calls.see_phone_numbers")
    response = StreamingHttpResponse(
        streamed(keys, file_format, with_numbers=with_numbers),
        content_type=file_format.content_type,
    )
    file_name = f"calls-{timezone.localdate():%Y-%m-%d}.{name}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _shown(request: HttpRequest) -> "QuerySet[Call]":
    """All pages of what the list of this address shows. Raises IncorrectLookupParameters."""
    asked = request.GET.copy()
    for of_the_page in (PAGE_VAR, ALL_VAR, ERROR_FLAG):
        asked.pop(of_the_page, None)
    request.GET = asked  # type: ignore[assignment]  # As the admin itself does with what it adds.
    calls: Any = admin.site.get_model_admin(Call).get_changelist_instance(request).queryset
    found: QuerySet[Call] = calls
    return found


def _write_down(name: str, count: int) -> None:
    """Not what was searched for: it is as personal as what was found."""
    entries = get_logentry_model()
    entries.objects.create(
        content_type=ContentType.objects.get_for_model(Call),
        action=entries.Action.ACCESS,
        additional_data={"exported": count, "as": name},
    )
