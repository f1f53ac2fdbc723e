"""How do rows get into a database in minutes? COPY on PostgreSQL, plain inserts elsewhere."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Field, Model

from benchmarks.many_calls_rows import Row, Sheet


@transaction.atomic
def write(sheets: Iterable[Sheet]) -> None:
    for sheet in sheets:
        if sheet.rows:
            _write(sheet)


def _write(sheet: Sheet) -> None:
    table = connection.ops.quote_name(sheet.model._meta.db_table)
    columns, usual = _columns(sheet)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in sheet.rows:
                    copy.write_row((*row, *usual))
        else:
            places = ", ".join(["%s"] * len(columns))
            rows = [_adapted((*row, *usual)) for row in sheet.rows]
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


def _columns(sheet: Sheet) -> tuple[list[str], Row]:
    """All of the table but a key that is counted, and the defaults of those without a value."""
    fields: dict[str, Field[Any, Any]] = {
        name: field
        for field in sheet.model._meta.concrete_fields
        for name in {field.name, field.attname}
    }
    named = [fields[name] for name in sheet.names]
    others = [
        field
        for field in sheet.model._meta.concrete_fields
        if field not in named and not field.primary_key
    ]
    usual = tuple(_plain(field.get_default()) for field in others)
    return [str(field.column) for field in (*named, *others)], usual


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _adapted(row: Row) -> Row:
    return tuple(
        value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
        if isinstance(value, datetime)
        else value
        for value in row
    )


def count_on(models: list[type[Model]]) -> None:
    """Rows came with keys of their own: the next that is added must not collide."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def take_stock() -> None:
    """What PostgreSQL's autovacuum would do in a while: no plan is good without it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
