"""The numbers of one chart as a file: what the dashboard shows, for a spreadsheet."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from calls.dashboard.asked import read
from calls.dashboard.charts import charts
from calls.dashboard.numbers import numbers

BYTE_ORDER_MARK = "\ufeff"  # without it, Excel reads accents as two letters


def urls(site: AdminSite) -> list[URLPattern]:
    return [path("dashboard.csv", site.admin_view(dashboard_csv), name="calls_dashboard_csv")]


@require_safe
def dashboard_csv(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("calls.view_call"):
        raise PermissionDenied
    asked = read(request.GET)
    wanted = request.GET.get("chart", "outcomes")
    chart = next((one for one in charts(asked, numbers(asked)) if one.key == wanted), None)
    if chart is None:
        raise Http404
    response = HttpResponse(
        BYTE_ORDER_MARK + chart.grid.as_csv(), content_type="text/csv; charset=utf-8"
    )
    name = f"{chart.key}-{asked.period.first}-{asked.period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
