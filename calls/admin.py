"""What managers read: every call, its words and its timings. Nothing here can be edited."""

from statistics import median
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from calls.call_record import offered_at
from calls.models import Call
from calls.prompt_preview import prompt_preview
from calls.titles import EVENTS, OUTCOMES
from calls.waterfall import waterfall
from staff.reads import AuditedReads

STATUS_COLOURS = {
    "ringing": "info",
    "in-progress": "warning",
    "completed": "success",
    "failed": "danger",
}


@admin.register(Call)
class CallAdmin(AuditedReads, ModelAdmin):
    list_display = (
        "created_at",
        "caller",
        "agent_name",
        "status_label",
        "ended_by_label",
        "duration",
        "first_audio",
        "usual_reply",
    )
    list_filter = ("status", "ended_by", "agent_name")
    search_fields = ("call_sid", "from_number", "customer_name", "utterances__text")
    date_hierarchy = "created_at"
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("overview",)}),
        (_("Conversation"), {"fields": ("conversation",)}),
        (_("Start-up"), {"fields": ("timings",)}),
        (_("Tools"), {"fields": ("tools",)}),
        (_("Events"), {"fields": ("milestones",), "classes": ("collapse",)}),
    )
    readonly_fields = ("overview", "conversation", "timings", "tools", "milestones")

    def get_urls(self) -> list[URLPattern]:
        preview = path(
            "prompt-preview/<int:pk>",
            self.admin_site.admin_view(prompt_preview),
            name="calls_prompt_preview",
        )
        return [preview, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Call | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        calls: QuerySet[Call] = super().get_queryset(request)
        return calls.prefetch_related("utterances")

    @display(description=_("caller"), ordering="from_number")
    def caller(self, call: Call) -> str:
        return call.customer_name or call.from_number or str(_("Withheld number"))

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def status_label(self, call: Call) -> tuple[str, str]:
        return call.status, call.get_status_display()

    @display(description=_("ended by"), ordering="ended_by")
    def ended_by_label(self, call: Call) -> str:
        return call.get_ended_by_display() if call.ended_by else "–"

    @display(description=_("duration"), ordering="duration_ms")
    def duration(self, call: Call) -> str:
        if call.duration_ms is None:
            return "–"
        minutes, seconds = divmod(round(call.duration_ms / 1000), 60)
        return f"{minutes}:{seconds:02d}"

    @display(description=_("first audio"), ordering="first_audio_ms")
    def first_audio(self, call: Call) -> str:
        return milliseconds(call.first_audio_ms)

    @display(description=_("usual reply"))
    def usual_reply(self, call: Call) -> str:
        """The median delay between the caller's last word and the agent's first."""
        delays = [line.reply_ms for line in call.utterances.all() if line.reply_ms is not None]
        return milliseconds(median(delays) if delays else None)

    @display(description=_("call"))
    def overview(self, call: Call) -> SafeString:
        return self._render("overview", call=call, duration=self.duration(call))

    @display(description=_("what was heard"))
    def conversation(self, call: Call) -> SafeString:
        offers = list(call.tool_offers.all())
        lines = [(line, offered_at(offers, line)) for line in call.utterances.all()]
        return self._render("conversation", lines=lines)

    @display(description=_("from the stream's start"))
    def timings(self, call: Call) -> SafeString:
        return self._render("timings", bars=waterfall(call))

    @display(description=_("tools"))
    def tools(self, call: Call) -> SafeString:
        # A template would look up an argument named "items" before the method.
        runs = [
            (
                run,
                OUTCOMES.get(run.outcome, run.outcome),
                run.arguments.items(),
                [(name, value) for name, value in run.result.items() if name != "ok"],
            )
            for run in call.tool_runs.all()
        ]
        return self._render("tools", runs=runs)

    @display(description=_("milestones"))
    def milestones(self, call: Call) -> SafeString:
        events = [(event, EVENTS.get(event.name, event.name)) for event in call.events.all()]
        return self._render("milestones", events=events)

    def _render(self, name: str, **context: Any) -> SafeString:
        return render_to_string(f"calls/{name}.html", context)


def milliseconds(value: float | None) -> str:
    """A duration a manager can read: 3.4 ms, 812 ms, 2.1 s."""
    if value is None:
        return "–"
    if value < 10:
        return f"{value:.1f} ms"
    return f"{value:.0f} ms" if value < 2000 else f"{value / 1000:.1f} s"
