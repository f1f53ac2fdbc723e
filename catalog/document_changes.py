"""What changed from one catalog document to another, in words for staff. Reads no database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.formats import localize
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from catalog.document import CatalogDocument
from catalog.models import (
    Clip,
    HttpToolParameter,
    OpeningHours,
    PhoneNumber,
    Prompt,
    TransferTarget,
)

# Rows that are told apart by whose they are.
_OWNERS: Mapping[type[models.Model], str] = {
    PhoneNumber: "agent",
    OpeningHours: "agent",
    TransferTarget: "agent",
    HttpToolParameter: "tool",
}


class Happened(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowChange:
    happened: Happened
    kind: str  # "Agent"
    name: str
    fields: tuple[FieldChange, ...]  # empty unless the row was changed


@dataclass(frozen=True, slots=True)
class PublishedVersions:
    """How each recording and prompt version that the documents name is called, by its key."""

    recordings: Mapping[int, str]
    prompt_versions: Mapping[int, str]

    def named(self, row: models.Model, key: int | None) -> str:
        names = self.recordings if isinstance(row, Clip) else self.prompt_versions
        return names.get(key, _("a version that is gone")) if key is not None else ""


def changes(
    before: CatalogDocument, after: CatalogDocument, versions: PublishedVersions
) -> tuple[RowChange, ...]:
    """In the order of the document: clips and prompts, agents and what is theirs, tools."""
    old, new = _Side(before, versions), _Side(after, versions)
    return tuple(
        change
        for (model, rows_before), (_model, rows_after) in zip(
            before.rows(), after.rows(), strict=True
        )
        for change in _changes_of(model, rows_before, rows_after, old, new)
    )


def _changes_of(
    model: type[models.Model],
    rows_before: tuple[models.Model, ...],
    rows_after: tuple[models.Model, ...],
    old: "_Side",
    new: "_Side",
) -> Iterator[RowChange]:
    kind = str(capfirst(model._meta.verbose_name))
    was, now = ({row.pk: row for row in rows} for rows in (rows_before, rows_after))
    for pk, row in now.items():
        if pk not in was:
            yield RowChange(Happened.ADDED, kind, new.title(row), ())
        elif fields := tuple(_fields(was[pk], row, old, new)):
            yield RowChange(Happened.CHANGED, kind, new.title(row), fields)
    for pk, row in was.items():
        if pk not in now:
            yield RowChange(Happened.REMOVED, kind, old.title(row), ())


def _fields(
    was: models.Model, now: models.Model, old: "_Side", new: "_Side"
) -> Iterator[FieldChange]:
    for field in was._meta.concrete_fields:
        if field.primary_key or field.value_from_object(was) == field.value_from_object(now):
            continue
        label = str(capfirst(field.verbose_name))
        yield FieldChange(label, old.in_words(was, field), new.in_words(now, field))


class _Side:
    """One of the two documents: what its rows are called, and what their fields say."""

    def __init__(self, document: CatalogDocument, versions: PublishedVersions) -> None:
        self._versions = versions
        self._names = {
            (model, row.pk): str(row)
            for model, rows in document.rows()
            if model is not OpeningHours
            for row in rows
        }

    def title(self, row: models.Model) -> str:
        owner = _OWNERS.get(type(row))
        if owner is not None:
            return f"{row} ({self.in_words(row, type(row)._meta.get_field(owner))})"
        return str(row)

    def in_words(self, row: models.Model, field: Any) -> str:
        value = field.value_from_object(row)
        if field.name == "published" and isinstance(row, Clip | Prompt):
            return self._versions.named(row, value)
        if field.is_relation:
            return self._names.get((field.related_model, value), "") if value else ""
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return str(localize(value)) if value is not None else ""
