"""Remote MCP servers: where they are, whether they are there, and which tools they bring."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.db.models import TextField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.forms.mcp_servers import McpServerForm
from catalog.mcp_overview import NOTHING_KNOWN, ServerOverview, overviews
from catalog.models import McpServer

LABELS = {"up": "success", "partly": "warning", "down": "danger", "off": "info"}


@admin.register(McpServer)
class McpServerAdmin(ModelAdmin):
    form = McpServerForm
    list_display = ("name", "host", "stage", "connection", "tools", "problem")
    search_fields = ("name", "url")
    warn_unsaved_form = True
    change_form_outer_after_template = "catalog/mcp_server.html"
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 3})}}
    fieldsets = (
        (None, {"fields": ("name", "url", "headers")}),
        (_("Its tools"), {"fields": (("stage", "enabled"),)}),
    )

    class Media:
        css = {"all": ("catalog/catalog.css",)}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "url":
            # As wide as it gets: an address is read from end to end.
            kwargs["widget"] = UnfoldAdminTextInputWidget({"style": "max-width: none"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        server = self.get_object(request, object_id) if object_id else None
        context = {"overview": _overview(server) if server else None, **(extra_context or {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    @display(description=_("host"))
    def host(self, server: McpServer) -> str:
        return urlsplit(server.url).netloc

    @display(description=_("connected"), label=LABELS)
    def connection(self, server: McpServer) -> tuple[str, str]:
        overview = _overview(server)
        if not server.enabled:
            return "off", _now("Switched off")
        if not overview.processes:
            return "off", _now("Not tried yet")
        said = ngettext(
            "%(connected)d of %(count)d process",
            "%(connected)d of %(count)d processes",
            overview.processes,
        ) % {"connected": overview.connected, "count": overview.processes}
        if overview.connected == overview.processes:
            return "up", said
        return ("partly" if overview.connected else "down"), said

    @display(description=_("tools"))
    def tools(self, server: McpServer) -> str:
        overview = _overview(server)
        left_out = len(overview.tools) - len(overview.offered)
        said = str(len(overview.offered))
        if left_out:
            said += " " + _now("(%(count)d left out)") % {"count": left_out}
        return said

    @display(description=_("last problem"))
    def problem(self, server: McpServer) -> str:
        return _overview(server).problem or "–"


def _overview(server: McpServer) -> ServerOverview:
    """Asked for in each column of a row: read once."""
    found: Mapping[str, ServerOverview] | None = getattr(server, "_overviews", None)
    if found is None:
        found = overviews()
        vars(server)["_overviews"] = found
    return found.get(server.name, NOTHING_KNOWN)
