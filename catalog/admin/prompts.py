"""Prompts: every save is a new version, and agents are told the published one."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.admin.live_state import STATE_COLOURS, live_state
from catalog.admin.prompt_pages import PromptPages
from catalog.admin.versioned import VersionedAdmin
from catalog.forms.prompts import PromptForm
from catalog.models import Prompt
from catalog.prompt_variables import VARIABLES
from catalog.prompt_versions import add_version
from catalog.publishing import publish_prompt_version


@admin.register(Prompt)
class PromptAdmin(VersionedAdmin):
    form = PromptForm
    versions_name = "versions"
    draft_saved = _("Version %(version)d is a draft: agents are not told it before you publish it.")
    publish_version = staticmethod(publish_prompt_version)
    list_display = ("name", "state", "newest_version", "used_by")
    search_fields = ("name", "versions__text", "versions__note")
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

    def page_context(self, owner: Prompt | None) -> dict[str, Any]:
        variables = {"variables": VARIABLES.items()}
        if owner is None:
            return variables
        versions = list(owner.versions.order_by("-version"))
        newest = versions[0] if versions else None
        draft = newest if newest != owner.published else None
        return {**variables, "versions": versions, "draft": draft}

    def save_model(
        self, request: HttpRequest, obj: Prompt, form: "ModelForm[Prompt]", change: bool
    ) -> None:
        assert isinstance(form, PromptForm)
        # Not what is published: somebody may have published another version since it was read.
        obj.save(update_fields=["name"] if change else None)
        if form.text_changed:
            add_version(obj, form.cleaned_data["text"], form.cleaned_data["note"])
        if self.is_publishing(request):
            self.save_and_publish(request, obj)
