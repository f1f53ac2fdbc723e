"""The page on which a supervisor erases a caller: a number, what would go, what went.

Numbers are only ever posted: addresses stay in histories and logs.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from calls.erasure import CannotErase, Erasure, erase_caller, found_of, number_of
from calls.erasure_counts import Counts, not_ours


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """For the URLs of the list of calls."""
    page = path("erase-caller", site.admin_view(erase_page), name="calls_call_erase_caller")
    return [page]


def erase_page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("calls.erase_caller"):
        raise PermissionDenied
    written = request.POST.get("number", "")
    found: Counts | None = None
    erasure: Erasure | None = None
    problem = ""
    if request.method == "POST":
        try:
            written = number_of(written)
            if "confirmed" in request.POST:
                erasure = erase_caller(written)
            else:
                found = found_of(written)
        except CannotErase as error:
            problem = str(error)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Erase a caller"),
        "number": written,
        "found": found,
        "erasure": erasure,
        "problem": problem,
        "not_ours": not_ours(),
    }
    return TemplateResponse(request, "calls/erase_caller.html", context)
