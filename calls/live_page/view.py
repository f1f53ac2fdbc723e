"""The page of live calls. What it shows comes over its socket: see consumer.py."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from calls.live_page.orders import MOST_GUIDANCE


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """For the URLs of the list of calls."""
    return [path("live/", site.admin_view(live_page), name="calls_live")]


def live_page(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("calls.view_call"):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": _("Live calls"),
        "may_order": request.user.has_perm("calls.supervise_call"),
        "most_guidance": MOST_GUIDANCE,
    }
    return TemplateResponse(request, "calls/live.html", context)
