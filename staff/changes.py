"""What an audit row says in words: which field, from what, to what."""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from staff.audit import HIDDEN, rules_of
from staff.models import AuditEntry

NOTHING = "–"
LONGEST = 600  # characters of a value: a prompt has thousands


@dataclass(frozen=True, slots=True)
class FieldChange:
    label: str
    before: str
    after: str


def field_changes(entry: AuditEntry) -> list[FieldChange]:
    """In the order of the model's fields, without those that stayed empty. None for a read."""
    changes = [_change(field, change) for field, change in _changed(entry)]
    return [change for change in changes if {change.before, change.after} != {NOTHING}]


def changed_labels(entry: AuditEntry) -> list[str]:
    """The same without from what to what, and without a query."""
    return [_label(field) for field, _values in _changed(entry)]


def _changed(entry: AuditEntry) -> list[tuple[Any, Any]]:
    """Each field, or its name if the code has moved on since; and what the row holds of it."""
    changes: dict[str, Any] = dict(entry.changes or {})
    model = entry.content_type.model_class()
    fields = model._meta.get_fields() if model else ()
    known = [(field, changes.pop(field.name)) for field in fields if field.name in changes]
    return [*known, *changes.items()]


def _label(field: Any) -> str:
    return str(capfirst(getattr(field, "verbose_name", field)))


def _change(field: Any, change: Any) -> FieldChange:
    if isinstance(change, dict):
        joined = ", ".join(change["objects"])
        taken = change["operation"] == "delete"
        before, after = (joined, NOTHING) if taken else (NOTHING, joined)
    else:
        before, after = (_words(field, str(value)) for value in change)
    return FieldChange(_label(field), before, after)


def _words(field: Any, value: str) -> str:
    if value in ("", "None"):
        return NOTHING
    if value == HIDDEN or isinstance(field, str):
        return value
    if field.choices:
        labels = {str(key): str(label) for key, label in field.flatchoices}
        return labels.get(value, value)
    if isinstance(field, models.BooleanField):
        return _("Yes") if value == "True" else _("No")
    if isinstance(field, models.ForeignKey):
        return _name_of(field, value)
    return Truncator(value).chars(LONGEST)


def _name_of(field: Any, key: str) -> str:
    """The name that it has now; its number if that is personal, or if it is gone."""
    model = field.related_model
    if not key.isdecimal() or rules_of(ContentType.objects.get_for_model(model)).personal:
        return f"#{key}"
    found = model._default_manager.filter(pk=key).first()
    return str(found) if found is not None else f"#{key}"
