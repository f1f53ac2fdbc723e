"""Tools that staff make without code: one HTTP request each, with a page to try it out."""

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, CharField, OuterRef, QuerySet, Subquery, TextField
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.admin.http_trial import HttpTrialPage
from catalog.forms.http_tools import HttpToolForm, HttpToolParameterFormSet
from catalog.models import HttpTool, HttpToolParameter, Tool
from catalog.stages import Stage
from catalog.tools.http import HttpToolUnusable, http_tool_spec
from catalog.tools.http_urls import url_template
from catalog.tools.http_values import TemplateUnusable


class HttpToolParameterInline(TabularInline):
    model = HttpToolParameter
    formset = HttpToolParameterFormSet
    extra = 0
    hide_title = True
    verbose_name_plural = _("Parameters: what the agent fills in")


@admin.register(HttpTool)
class HttpToolAdmin(ModelAdmin):
    form = HttpToolForm
    list_display = ("name", "request_line", "stage", "state", "problem")
    search_fields = ("name", "description", "url")
    inlines = (HttpToolParameterInline,)
    warn_unsaved_form = True
    change_form_outer_before_template = "catalog/http_tool_trial.html"
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 3})}}
    fieldsets = (
        (None, {"fields": ("name", "description")}),
        (_("The request"), {"fields": ("method", "url", "headers", "body")}),
        (_("How it behaves"), {"fields": (("changes_something", "timeout_seconds"),)}),
    )

    class Media:
        css = {"all": ("catalog/catalog.css",)}

    # The list -------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[HttpTool]:
        tools: QuerySet[HttpTool] = super().get_queryset(request)
        row = Tool.objects.filter(name=OuterRef("name"))
        return tools.annotate(
            stage_of_row=Subquery(row.values("stage")[:1], output_field=CharField()),
            enabled=Subquery(row.values("enabled")[:1], output_field=BooleanField()),
        ).prefetch_related("parameters")

    @display(description=_("request"))
    def request_line(self, tool: HttpTool) -> str:
        try:
            host = url_template(tool.url).origin
        except TemplateUnusable:
            return tool.method
        return f"{tool.method} {host}"

    @display(description=_("stage"))
    def stage(self, tool: HttpTool) -> str:
        if getattr(tool, "enabled", None) is False:
            return _now("Switched off")
        stage: str | None = getattr(tool, "stage_of_row", None)
        return str(Stage(stage or Stage.FULL).label)

    @display(description=_("state"), label={True: "success", False: "danger"})
    def state(self, tool: HttpTool) -> tuple[bool, str]:
        usable = not problem_of(tool)
        return usable, _now("Can be used") if usable else _now("Cannot be used")

    @display(description=_("problem"))
    def problem(self, tool: HttpTool) -> str:
        return problem_of(tool) or "–"

    # One tool -------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [*HttpTrialPage(self).urls(), *super().get_urls()]

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
        tool = self.get_object(request, object_id) if object_id else None
        context = {"problem": problem_of(tool) if tool else "", **(extra_context or {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    def response_add(
        self, request: HttpRequest, obj: HttpTool, post_url_continue: str | None = None
    ) -> HttpResponse:
        # To its own page, where it wants to be tried out.
        if not {"_addanother", "_popup"} & set(request.POST):
            posted = request.POST.copy()
            posted["_continue"] = "1"
            request.POST = posted  # type: ignore[assignment]
        response: HttpResponse = super().response_add(request, obj, post_url_continue)
        return response

    def save_model(
        self, request: HttpRequest, obj: HttpTool, form: "ModelForm[HttpTool]", change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        before = form.initial.get("name") if change else None
        row = Tool.objects.filter(name=before).first() if before else None
        if row is not None and before != obj.name and not _has_row(obj.name):
            row.name = obj.name  # Its stage goes with it.
            row.save()
        Tool.objects.get_or_create(name=obj.name, defaults={"stage": Stage.FULL})

    def delete_model(self, request: HttpRequest, obj: HttpTool) -> None:
        row = Tool.objects.filter(name=obj.name).first()
        super().delete_model(request, obj)
        if row is not None:
            row.delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[HttpTool]) -> None:
        for tool in queryset:
            self.delete_model(request, tool)


def problem_of(tool: HttpTool) -> str:
    """Why agents are not offered it; empty if they can be."""
    try:
        http_tool_spec(tool, list(tool.parameters.all()))
    except HttpToolUnusable as error:
        return str(error)
    return ""


def _has_row(name: str) -> bool:
    return Tool.objects.filter(name=name).exists()
