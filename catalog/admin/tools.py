"""Tools: when an agent may use each, set in the list itself."""
# Unfold publishes no types:

from typing import Any

from django.contrib import admin
from django.db.models import Field
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from catalog.models import Tool
from catalog.tool_rows import sync_tools
from catalog.tools.registry import lookup


@admin.register(Tool)
class ToolAdmin(ModelAdmin):
    list_display = ("name", "description", "effect_label", "stage", "enabled")
    list_editable = ("stage", "enabled")
    list_filter = ("stage", "enabled")
    search_fields = ("name",)
    readonly_fields = ("name", "description", "effect")
    fieldsets = ((None, {"fields": ("name", "description", "effect", "stage", "enabled")}),)

    def formfield_for_choice_field(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_choice_field(db_field, request, **kwargs)
        field.widget.attrs["style"] = "min-width: 8rem"  # The list would cut “Essential” short.
        return field

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, str] | None = None
    ) -> HttpResponse:
        sync_tools()
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Tool | None = None) -> bool:
        # A row of the code's own would only come back.
        gone = obj is not None and lookup(obj.name) is None
        return gone and bool(super().has_delete_permission(request, obj))

    @display(description=_("what the agent is told"))
    def description(self, tool: Tool) -> str:
        spec = lookup(tool.name)
        return spec.description if spec else str(_("This tool is no longer part of the code."))

    @display(description=_("effect"), label={True: "warning", False: "info"})
    def effect_label(self, tool: Tool) -> tuple[bool, str]:
        spec = lookup(tool.name)
        return spec is not None and spec.changes_something, self.effect(tool)

    @display(description=_("effect"))
    def effect(self, tool: Tool) -> str:
        spec = lookup(tool.name)
        if spec is None:
            return "–"
        return str(_("Changes something") if spec.changes_something else _("Only reads"))
