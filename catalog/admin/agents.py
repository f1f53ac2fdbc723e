"""Agents and the numbers they answer."""

from typing import Any

from django.contrib import admin
from django.db.models import Field, QuerySet, TextField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from catalog.admin.player import player
from catalog.fields import time_zones
from catalog.forms.agents import AgentForm
from catalog.forms.opening_hours import OpeningHoursFormSet
from catalog.models import Agent, OpeningHours, PhoneNumber, TransferTarget


class PhoneNumberInline(TabularInline):
    model = PhoneNumber
    extra = 0
    hide_title = True


class OpeningHoursInline(TabularInline):
    model = OpeningHours
    formset = OpeningHoursFormSet
    extra = 0
    hide_title = True
    verbose_name_plural = _("Business hours (none: always open)")


class TransferTargetInline(TabularInline):
    model = TransferTarget
    extra = 0
    hide_title = True
    verbose_name = _("person")
    verbose_name_plural = _("Other people callers can be transferred to")


@admin.register(Agent)
class AgentAdmin(ModelAdmin):
    form = AgentForm
    list_display = ("name", "business_name", "language", "answers", "greeting", "prompt", "enabled")
    list_filter = ("enabled", "language")
    search_fields = ("name", "business_name", "numbers__number")
    readonly_fields = ("listen",)
    inlines = (PhoneNumberInline, OpeningHoursInline, TransferTargetInline)
    warn_unsaved_form = True
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 3})}}
    fieldsets = (
        (None, {"fields": (("name", "business_name"), ("is_default", "enabled"), "seen")}),
        (_("Voice"), {"fields": (("language", "voice_id"),)}),
        (
            _("Greeting"),
            {
                "fields": ("greeting_clip", "listen", "greeting_text", "greeting_policy"),
            },
        ),
        (_("Conversation"), {"fields": ("prompt", ("tools_at_start", "tools_later"))}),
        (
            _("When things take long or fail"),
            {"fields": (("one_moment_clip", "apology_clip"), ("busy_clip", "offer_call_back"))},
        ),
        (
            _("Out of hours"),
            {"fields": ("out_of_hours_clip", "out_of_hours", "time_zone")},
        ),
        (_("Appointments"), {"fields": (("calendar", "appointment_minutes"),)}),
        (
            _("Limits and hand-over"),
            {
                "fields": (
                    ("max_call_seconds", "most_calls"),
                    ("silence_seconds", "most_cost"),
                    "transfer_number",
                )
            },
        ),
        (
            _("Recording"),
            {"fields": ("record_calls", "consent_clip", "keep_recordings_days")},
        ),
        (
            _("After the call"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("survey", "survey_question"),
                    "summarise_calls",
                    "details_schema",
                    "keep_transcripts_days",
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        agents: QuerySet[Agent] = super().get_queryset(request)
        unread = ("greeting_clip__published__mulaw", "greeting_clip__published__words")
        related = agents.select_related("prompt", "greeting_clip__published").defer(*unread)
        return related.prefetch_related("numbers")

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "time_zone":
            zones = [(name, name.replace("_", " ")) for name in time_zones()]
            kwargs["widget"] = UnfoldAdminSelectWidget(choices=zones)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        # Without a default agent, a call to an unknown number is refused.
        return not (obj and obj.is_default) and super().has_delete_permission(request, obj)

    @display(description=_("answers"))
    def answers(self, agent: Agent) -> str:
        numbers = [number.number for number in agent.numbers.all()]
        return ", ".join([*numbers, *([str(_("every other number"))] if agent.is_default else [])])

    @display(description=_("greeting"))
    def greeting(self, agent: Agent) -> str:
        if agent.greeting_clip is None:
            return str(_("No clip: the text is spoken"))
        return player(agent.greeting_clip)

    @display(description=_("as callers hear it"))
    def listen(self, agent: Agent) -> str:
        return player(agent.greeting_clip)


@admin.register(PhoneNumber)
class PhoneNumberAdmin(ModelAdmin):
    list_display = ("number", "label", "agent")
    list_filter = ("agent",)
    list_select_related = ("agent",)
    search_fields = ("number", "label")
