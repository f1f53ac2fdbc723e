"""Tools: when an agent may use each, set in the list itself."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.cache import cache
from django.db.models import Field
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import date
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from catalog.known_tools import known_tool, known_tools, made_by_staff, server_of, source_label
from catalog.models import Tool
from catalog.snapshot_parts import offered_tools
from catalog.stage_costs import stage_costs, tool_tokens
from catalog.tool_rows import sync_tools
from catalog.tool_usage import NEVER, ToolUsage, usage
from catalog.tools.spec import ToolSpec


@admin.register(Tool)
class ToolAdmin(ModelAdmin):
    list_display = (
        "name",
        "source",
        "stage",
        "enabled",
        "told",
        "effect_label",
        "tokens",
        "used",
    )
    list_editable = ("stage", "enabled")
    list_filter = ("stage", "enabled")
    search_fields = ("name",)
    actions = None
    list_fullwidth = True
    list_before_template = "catalog/tool_stages.html"
    readonly_fields = (
        "name",
        "source",
        "description",
        "parameter_table",
        "effect",
        "tokens",
        "used",
        "last_used",
    )
    fieldsets = (
        (None, {"fields": (("name", "source"), "description", "parameter_table", "effect")}),
        (
            _("When it is offered"),
            {"fields": (("stage", "enabled"), ("used", "last_used"), "tokens")},
        ),
    )

    class Media:
        css = {"all": ("catalog/catalog.css",)}

    def formfield_for_choice_field(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_choice_field(db_field, request, **kwargs)
        field.widget.attrs["style"] = "min-width: 8rem"  # The list would cut “Essential” short.
        return field

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        sync_tools()
        costs = stage_costs(offered_tools(Tool.objects.all(), made_by_staff()))
        response: HttpResponse = super().changelist_view(
            request, {"stage_costs": costs, **(extra_context or {})}
        )
        return response

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        found: ChangeList = super().get_changelist_instance(request)
        specs = known_tools()
        for tool in found.result_list:
            vars(tool)["_spec"] = specs.get(tool.name)
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Tool | None = None) -> bool:
        # A row of a tool that there is would only come back.
        gone = obj is not None and _spec(obj) is None
        return gone and bool(super().has_delete_permission(request, obj))

    @display(description=_("what the agent is told"))
    def description(self, tool: Tool) -> str:
        spec = _spec(tool)
        if spec is not None:
            return spec.description
        if server_of(tool.name) is not None:
            return _now("Its server does not list this tool at present.")
        return _now("This tool is no longer part of the code.")

    @display(description=_("source"))
    def source(self, tool: Tool) -> str:
        spec = _spec(tool)
        return source_label(spec) if spec else "–"

    @display(description=_("what the agent is told"))
    def told(self, tool: Tool) -> SafeString:
        """And the names of the parameters: a column of their own would leave no room."""
        spec = _spec(tool)
        names = ", ".join(spec.parameters.get("properties", {}) if spec else ())
        return format_html(
            '{}<div class="va-caption">{}</div>', Truncator(self.description(tool)).words(24), names
        )

    @display(description=_("parameters"))
    def parameter_table(self, tool: Tool) -> SafeString | str:
        spec = _spec(tool)
        properties = spec.parameters.get("properties", {}) if spec else {}
        if spec is None or not properties:
            return _now("None.")
        required = spec.parameters.get("required", ())
        rows = [
            (name, schema.get("type", ""), schema.get("description", ""), name in required)
            for name, schema in properties.items()
        ]
        return render_to_string("catalog/tool_parameters.html", {"rows": rows})

    @display(description=_("prompt tokens (about)"))
    def tokens(self, tool: Tool) -> str:
        spec = _spec(tool)
        return str(tool_tokens(spec)) if spec else "–"

    @display(description=_("used in 30 days"))
    def used(self, tool: Tool) -> str:
        known = self._usage_of(tool)
        if not known.runs:
            return _now("never")
        said = ngettext("%(runs)d time", "%(runs)d times", known.runs) % {"runs": known.runs}
        if known.failures:
            failed = ngettext("%(runs)d failed", "%(runs)d failed", known.failures)
            said = f"{said}, {failed % {'runs': known.failures}}"
        return said

    @display(description=_("last used"))
    def last_used(self, tool: Tool) -> str:
        last_at = self._usage_of(tool).last_at
        return date(last_at, "SHORT_DATE_FORMAT") if last_at else "–"

    def _usage_of(self, tool: Tool) -> ToolUsage:
        # Asked for in every row of the list: counted once for all of them.
        found: Mapping[str, ToolUsage] = (
            cache.get_or_set("catalog.tool_usage", usage, timeout=5) or {}
        )
        return found.get(tool.name, NEVER)

    @display(description=_("effect"), label={True: "warning", False: "info"})
    def effect_label(self, tool: Tool) -> tuple[bool, str]:
        spec = _spec(tool)
        return spec is not None and spec.changes_something, self.effect(tool)

    @display(description=_("effect"))
    def effect(self, tool: Tool) -> str:
        spec = _spec(tool)
        if spec is None:
            return "–"
        return _now("Changes something") if spec.changes_something else _now("Only reads")


def _spec(tool: Tool) -> ToolSpec | None:
    """Asked for in each column of a row; the list looks all of them up at once."""
    kept = vars(tool)
    if "_spec" not in kept:
        kept["_spec"] = known_tool(tool.name)
    found: ToolSpec | None = kept["_spec"]
    return found
