"""What happened to one thing: the audit rows about it and about what is part of it."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from staff.audit import parts_of
from staff.models import AuditEntry


def entries_about(thing: Model, *, with_reads: bool) -> "QuerySet[AuditEntry]":
    """The newest first. Lines that were removed from it since are among them."""
    kind = ContentType.objects.get_for_model(thing)
    wanted = Q(content_type=kind, object_pk=str(thing.pk))
    for part, name in parts_of(type(thing)):
        part_kind = ContentType.objects.get_for_model(part)
        # Rows that were there before the audit log was have no first row that names their owner.
        there = part._default_manager.filter(**{name: thing}).values_list("pk", flat=True)
        keys = {str(key) for key in there} | _keys_of_parts(part_kind, name, thing)
        wanted |= Q(content_type=part_kind, object_pk__in=keys)
    entries: QuerySet[AuditEntry] = AuditEntry.objects.filter(wanted)
    if not with_reads:
        entries = entries.exclude(action=AuditEntry.Action.ACCESS)
    return entries.select_related("content_type", "actor")


def _keys_of_parts(kind: ContentType, name: str, owner: Model) -> set[str]:
    """Of the rows that once were, or still are, part of this owner."""
    owned = {f"changes__{name}__0": str(owner.pk)}, {f"changes__{name}__1": str(owner.pk)}
    rows = AuditEntry.objects.filter(Q(**owned[0]) | Q(**owned[1]), content_type=kind)
    return set(rows.values_list("object_pk", flat=True))
