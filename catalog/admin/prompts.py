"""Prompts: every save is a new version, and agents are told the published one."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from catalog.admin.live_message import say_it_is_live
from catalog.admin.live_state import STATE_COLOURS, live_state
from catalog.admin.prompt_pages import PromptPages
from catalog.forms.prompts import PromptForm
from catalog.models import Prompt, PromptVersion
from catalog.prompt_variables import VARIABLES
from catalog.prompt_versions import add_version
from catalog.publishing import CannotPublish, publish_prompt_version


@admin.register(Prompt)
class PromptAdmin(ModelAdmin):
    form = PromptForm
    list_display = ("name", "state", "newest_version", "used_by")
    search_fields = ("name", "versions__text", "versions__note")
    actions = None
    actions_submit_line = ("save_and_publish",)
    change_form_show_cancel_button = True
    warn_unsaved_form = True
    change_form_outer_before_template = "catalog/prompt_draft.html"
    change_form_outer_after_template = "catalog/prompt_versions.html"
    fieldsets = ((None, {"fields": ("name", "based_on", "text", "note")}),)

    # The list -------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prompt]:
        prompts: QuerySet[Prompt] = super().get_queryset(request)
        return prompts.select_related("published").prefetch_related("agents", "versions")

    @display(description=_("state"), label=STATE_COLOURS)
    def state(self, prompt: Prompt) -> tuple[str, str]:
        newest = max((version.version for version in prompt.versions.all()), default=0)
        return live_state(prompt.published.version if prompt.published else None, newest)

    @display(description=_("newest"))
    def newest_version(self, prompt: Prompt) -> str:
        versions = sorted(prompt.versions.all(), key=lambda version: version.version)
        if not versions:
            return "–"
        newest = versions[-1]
        said = _now("Version %(version)d") % {"version": newest.version}
        return f"{said}: {newest.note}" if newest.note else said

    @display(description=_("used by"))
    def used_by(self, prompt: Prompt) -> str:
        return ", ".join(agent.name for agent in prompt.agents.all()) or "–"

    # One prompt -----------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [*PromptPages(self).urls(), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Prompt | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        return ((None, {"fields": ("name", "text")}),)

    @display(description=_("text"))
    def text(self, prompt: Prompt) -> str:
        """For whoever may read it and not change it: the form has a field of this name."""
        newest = prompt.newest
        return newest.text if newest is not None else "–"

    def has_delete_permission(self, request: HttpRequest, obj: Prompt | None = None) -> bool:
        # A revision that is rolled back to needs every version that was ever published.
        kept = obj is not None and obj.versions.filter(published_at__isnull=False).exists()
        return not kept and bool(super().has_delete_permission(request, obj))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        prompt = self.get_object(request, object_id) if object_id else None
        context: dict[str, Any] = {
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
            # The theme offers these only for what was saved before.
            "actions_submit_line": self.get_actions_submit_line(request, object_id),
            "variables": VARIABLES.items(),
            **(extra_context or {}),
        }
        if prompt is not None:
            versions = list(prompt.versions.order_by("-version"))
            newest = versions[0] if versions else None
            context |= {
                "versions": versions,
                "draft": newest if newest != prompt.published else None,
            }
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    def save_model(
        self, request: HttpRequest, obj: Prompt, form: "ModelForm[Prompt]", change: bool
    ) -> None:
        assert isinstance(form, PromptForm)
        # Not what is published: somebody may have published another version since it was read.
        obj.save(update_fields=["name"] if change else None)
        if form.text_changed:
            add_version(obj, form.cleaned_data["text"], form.cleaned_data["note"])
        if "catalog_prompt_save_and_publish" in request.POST:
            self.save_and_publish(request, obj)

    @action(
        description=_("Save and publish"), variant=ActionVariant.PRIMARY, permissions=["change"]
    )
    def save_and_publish(self, request: HttpRequest, obj: Prompt) -> None:
        newest = obj.newest
        if newest is None or newest == obj.published:
            return
        try:
            publish_prompt_version(newest)
        except CannotPublish as error:
            messages.error(request, str(error))

    def _after_saving(self, request: HttpRequest, prompt: Prompt) -> HttpResponseRedirect:
        prompt.refresh_from_db()
        newest: PromptVersion | None = prompt.newest
        if newest is not None and newest != prompt.published:
            messages.info(
                request,
                _now(
                    "Version %(version)d is a draft: agents are not told it before you publish it."
                )
                % {"version": newest.version},
            )
        elif newest is not None and "catalog_prompt_save_and_publish" in request.POST:
            say_it_is_live(request, newest)
        else:
            messages.success(request, _now("Saved."))
        return HttpResponseRedirect(reverse("admin:catalog_prompt_change", args=(prompt.pk,)))

    def response_add(
        self, request: HttpRequest, obj: Prompt, post_url_continue: str | None = None
    ) -> HttpResponse:
        if "_popup" in request.POST:
            response: HttpResponse = super().response_add(request, obj, post_url_continue)
            return response
        return self._after_saving(request, obj)

    def response_change(self, request: HttpRequest, obj: Prompt) -> HttpResponse:
        if "_popup" in request.POST:
            response: HttpResponse = super().response_change(request, obj)
            return response
        return self._after_saving(request, obj)
