"""Tools: when an agent may use each, set in the list itself."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from catalog.models import Tool
from catalog.tool_rows import sync_tools
from catalog.tools.registry import lookup


@admin.register(Tool)
class ToolAdmin(ModelAdmin):
    list_display = ("name", "description", "effect", "stage", "enabled")
    list_editable = ("stage", "enabled")
    list_filter = ("stage", "enabled")
    search_fields = ("name",)
    readonly_fields = ("name", "description", "effect")
    fieldsets = ((None, {"fields": ("name", "description", "effect", "stage", "enabled")}),)

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

    @display(description=_("effect"), label={"changes": "warning", "reads": "info"})
    def effect(self, tool: Tool) -> tuple[str, str] | str:
        spec = lookup(tool.name)
        if spec is None:
            return "–"
        if spec.changes_something:
            return "changes", str(_("Changes something"))
        return "reads", str(_("Only reads"))
