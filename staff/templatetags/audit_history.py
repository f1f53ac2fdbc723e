"""For the History page of anything: who did what to it."""

from typing import Any

from django import template
from django.db.models import Model

from staff.changes import FieldChange, field_changes
from staff.deeds import in_words
from staff.history import entries_about
from staff.models import AuditEntry

register = template.Library()

MOST = 200


@register.simple_tag(takes_context=True)
def audit_entries(context: Any, thing: Model) -> list[AuditEntry]:
    """The newest 200. Who read it is for those who may see the audit log."""
    with_reads = context["request"].user.has_perm("staff.view_auditentry")
    return list(entries_about(thing, with_reads=with_reads)[:MOST])


@register.filter
def changed_fields(entry: AuditEntry) -> list[FieldChange]:
    return field_changes(entry)


@register.filter
def deed(entry: AuditEntry) -> str:
    """What was done about how this person logs in; empty for any other row."""
    return in_words(done) if (done := (entry.additional_data or {}).get("log_in")) else ""
