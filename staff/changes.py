"""What an audit row says in words: which field, from what, to what."""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
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
    """In the order of the model's fields. Empty for a read."""
    changes: dict[str, Any] = entry.changes or {}
    model = entry.content_type.model_class()
    order = [field.name for field in model._meta.get_fields()] if model else []
    names = sorted(changes, key=lambda name: order.index(name) if name in order else -1)
    return [_change(model, name, changes[name]) for name in names]


def _change(model: type[models.Model] | None, name: str, change: Any) -> FieldChange:
    field: Any = None
    if model is not None:
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            field = None  # The code has moved on since.
    label = str(capfirst(getattr(field, "verbose_name", name)))
    if isinstance(change, dict):
        joined = ", ".join(change["objects"])
        taken = change["operation"] == "delete"
        return FieldChange(label, joined if taken else NOTHING, NOTHING if taken else joined)
    before, after = change
    return FieldChange(label, _words(field, str(before)), _words(field, str(after)))


def _words(field: Any, value: str) -> str:
    if value in ("", "None"):
        return NOTHING
    if value == HIDDEN or field is None:
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
    if not key.isdigit() or rules_of(ContentType.objects.get_for_model(model)).personal:
        return f"#{key}"
    found = model._default_manager.filter(pk=key).first()
    return str(found) if found is not None else f"#{key}"
