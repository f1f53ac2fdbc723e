"""Prompts: saving a changed text makes the next version and leaves the old one as it was."""
# Unfold publishes no types:

from django.contrib import admin, messages
from django.db.models import QuerySet, TextField
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.forms import PromptForm
from catalog.models import Prompt
from catalog.prompt_versions import next_version


@admin.register(Prompt)
class PromptAdmin(ModelAdmin):
    form = PromptForm
    list_display = ("name", "version_label", "note", "used_by", "created_at")
    list_filter = ("name",)
    search_fields = ("name", "text", "note")
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "text", "note"),
                "description": _(
                    "Saving a changed text makes the next version, and the agents that use this "
                    "one go over to it. This version stays as it is."
                ),
            },
        ),
        (_("This version"), {"fields": ("version_label", "used_by", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("name", "text", "note")}),)
    warn_unsaved_form = True
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 22})}}

    def get_readonly_fields(self, request: HttpRequest, obj: Prompt | None = None) -> list[str]:
        # The name holds the versions together.
        return ["version_label", "used_by", "created_at", *(["name"] if obj else [])]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prompt]:
        prompts: QuerySet[Prompt] = super().get_queryset(request)
        return prompts.prefetch_related("agents")

    def save_model(
        self, request: HttpRequest, obj: Prompt, form: "ModelForm[Prompt]", change: bool
    ) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        old = Prompt.objects.get(pk=obj.pk)
        if obj.text == old.text.strip():
            old.note = obj.note or old.note
            old.save()
            return
        new = next_version(old, obj.text, obj.note)
        # The admin goes on with the new version: its history entry, message and redirect.
        obj.pk, obj.version, obj.created_at = new.pk, new.version, new.created_at
        agents = ", ".join(new.agents.values_list("name", flat=True))
        self.message_user(
            request,
            _now("Version %(version)d is in use by: %(agents)s.")
            % {"version": new.version, "agents": agents}
            if agents
            else _now("No agent uses version %(version)d yet.") % {"version": new.version},
            messages.INFO,
        )

    def response_change(self, request: HttpRequest, obj: Prompt) -> HttpResponse:
        response: HttpResponse = super().response_change(request, obj)
        if "_continue" in request.POST:
            return HttpResponseRedirect(reverse("admin:catalog_prompt_change", args=(obj.pk,)))
        return response

    @display(description=_("version"), ordering="version")
    def version_label(self, prompt: Prompt) -> str:
        return f"v{prompt.version}"

    @display(description=_("used by"))
    def used_by(self, prompt: Prompt) -> str:
        return ", ".join(agent.name for agent in prompt.agents.all()) or "–"
