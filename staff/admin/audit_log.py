"""The audit log as supervisors read it: who did what, when. Nobody can change it."""

from collections.abc import Iterable, Mapping
from typing import Any

# Imported first: it shows our rows on a page of its own, which ours replaces.
from auditlog import admin as library
from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from staff.audit import RULES
from staff.changes import changed_labels, field_changes
from staff.deeds import in_words
from staff.models import AuditEntry

Action = AuditEntry.Action
COLOURS = {
    Action.CREATE: "success",
    Action.UPDATE: "info",
    Action.DELETE: "danger",
    Action.ACCESS: "warning",
}
NOBODY = "/"  # nobody's login name: Django allows no slash in those

admin.site.unregister(library.LogEntry)


class PersonFilter(admin.SimpleListFilter):
    """By name and not by account: accounts are deleted, what was done stays."""

    title = _("who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        names = AuditEntry.objects.order_by("actor_name").values_list("actor_name", flat=True)
        return [(name or NOBODY, name or _now("voiceagent itself")) for name in names.distinct()]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[AuditEntry]"
    ) -> "QuerySet[AuditEntry]":
        name = self.value()
        if name is None:
            return queryset
        return queryset.filter(actor_name="" if name == NOBODY else name)


class KindFilter(admin.SimpleListFilter):
    title = _("what")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        models = (apps.get_model(rules.model) for rules in RULES)
        kinds = ContentType.objects.get_for_models(*models).values()
        return sorted(
            ((str(kind.pk), capfirst(kind.name)) for kind in kinds), key=lambda pair: pair[1]
        )

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[AuditEntry]"
    ) -> "QuerySet[AuditEntry]":
        key = self.value() or ""
        return queryset.filter(content_type_id=int(key)) if key.isdecimal() else queryset


def about_many(entry: AuditEntry) -> str:
    """What a row without one object is about: a search, an export, an erasure."""
    more, what = entry.additional_data or {}, capfirst(entry.content_type.name)
    if "exported" in more:
        return _now("%(what)s: an export of %(found)d") % {"what": what, "found": more["exported"]}
    if "erased" in more:
        return _now("Everything about the caller %(number)s") % {"number": entry.object_repr}
    found = more.get("found", 0)
    return _now("%(what)s: a search that found %(found)d") % {"what": what, "found": found}


def ordered(order: Mapping[str, str]) -> str:
    """What a colleague had done in a live call."""
    if order.get("order") == "transfer":
        return _now("transferred to %(whom)s") % {"whom": order.get("to", "")}
    said = {"hang-up": _now("hung up"), "whisper": _now("whispered")}
    return said.get(order.get("order", ""), order.get("order", ""))


@admin.register(AuditEntry)
class AuditLogAdmin(ModelAdmin):
    list_display = ("timestamp", "person", "deed", "subject", "fields_changed")
    list_filter = (PersonFilter, "action", KindFilter, "timestamp")
    list_select_related = ("actor", "content_type")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("actor_name", "object_repr")
    search_help_text = _("A login name, or the name of what was changed")
    date_hierarchy = "timestamp"
    actions = None
    # Nobody may change one, so all of it is shown and not asked for.
    fieldsets = (
        (None, {"fields": (("timestamp", "person"), ("action", "subject"), "changes_made")}),
    )
    readonly_fields = ("person", "subject", "changes_made")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    @display(description=_("who"), ordering="actor_name")
    def person(self, entry: AuditEntry) -> str:
        if not entry.actor_name:
            return _now("voiceagent itself")
        if entry.actor is None:
            return _now("%(name)s (account deleted)") % {"name": entry.actor_name}
        return str(entry.actor_name)

    @display(description=_("what was done"), ordering="action", label=COLOURS)
    def deed(self, entry: AuditEntry) -> tuple[int, str]:
        return entry.action, entry.get_action_display()

    @display(description=_("to what"))
    def subject(self, entry: AuditEntry) -> str:
        kind = entry.content_type
        if not entry.object_pk:
            return about_many(entry)
        text = f"{capfirst(kind.name)}: {entry.object_repr}"
        if entry.action == Action.DELETE:
            return text
        try:
            page = reverse(f"admin:{kind.app_label}_{kind.model}_change", args=(entry.object_pk,))
        except NoReverseMatch:
            return text
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', page, text
        )

    @display(description=_("which fields"))
    def fields_changed(self, entry: AuditEntry) -> str:
        order = (entry.additional_data or {}).get("live")
        if order:
            return ordered(order)
        deed = (entry.additional_data or {}).get("log_in")
        if deed:
            return in_words(deed)
        if entry.action != Action.UPDATE:
            return "–"
        return ", ".join(changed_labels(entry))

    @display(description=_("from what, to what"))
    def changes_made(self, entry: AuditEntry) -> str:
        return render_to_string("staff/changes.html", {"changes": field_changes(entry)})
