"""What does somebody see after login? The dashboard, if they may see calls; the set-up otherwise.

The set-up stays one click away, at ?show=set-up: its checks alone take as many queries as all the
rest.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from calls.dashboard.asked import Asked, read
from calls.dashboard.charts import charts
from calls.dashboard.in_words import stories
from calls.dashboard.numbers import numbers
from calls.dashboard.period import CUSTOM
from calls.dashboard.period import choices as periods
from calls.dashboard.right_now import choices, right_now
from calls.dashboard.tiles import tiles
from calls.dashboard.worth_a_look import worth_a_look
from calls.models import Call
from catalog.admin.first_page import first_page as set_up

SET_UP = "set-up"


def first_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by the theme: what templates/admin/index.html shows."""
    if not request.user.has_perm("calls.view_call") or request.GET.get("show") == SET_UP:
        return set_up(request, context)
    asked = read(request.GET)
    found = numbers(asked)
    if not found.steps and not Call.objects.exists():
        return set_up(request, context) | {"no_calls_yet": True}
    context["title"] = _("Overview")
    context["dashboard"] = {
        "asked": asked,
        "is_custom": asked.period.key == CUSTOM,
        "periods": periods(),
        "choices": choices(asked),
        "tiles": tiles(right_now(), found),
        "stories": stories(asked, found),
        "worth_a_look": worth_a_look(asked),
        "charts": charts(asked, found),
        "csv": _csv_links(asked),
        "set_up": f"?show={SET_UP}" if request.user.has_perm("catalog.view_agent") else "",
    }
    return context


def _csv_links(asked: Asked) -> str:
    """Before it comes the chart's key, after it nothing."""
    try:
        return f"{reverse('admin:calls_dashboard_csv')}?{asked.query()}"
    except NoReverseMatch:
        return ""
