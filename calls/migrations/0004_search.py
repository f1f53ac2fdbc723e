"""Indexes for the search in calls, on PostgreSQL: see calls/admin/call_search.py."""

from django.db import migrations

INDEXES = (
    ("calls_callwords_said", "calls_callwords", "text"),
    ("calls_call_customer_words", "calls_call", "customer_name"),
)


def add(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, table, column in INDEXES:
        schema_editor.execute(
            f"CREATE INDEX {name} ON {table} USING gin (to_tsvector('simple', {column}))"
        )
        # Without figures of what it indexes, the planner takes every word for a rare one.
        schema_editor.execute(f"ANALYZE {table}")


def remove(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, _table, _column in INDEXES:
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("calls", "0003_records")]
    operations = [migrations.RunPython(add, remove)]
