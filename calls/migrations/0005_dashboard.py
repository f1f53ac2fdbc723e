"""Indexes for the dashboard, on PostgreSQL: see calls/dashboard/worth_a_look.py and numbers.py.

Slow calls and errors are few; without these, each look at a quarter read every call and event.
"""

from django.db import migrations

INDEXES = (
    ("calls_call_slow", "calls_call (usual_reply_ms) WHERE usual_reply_ms > 600"),
    ("calls_call_broken", "calls_call (created_at) WHERE ended_by = 'error'"),
    ("calls_callevent_errors", "calls_callevent (call_id) WHERE name LIKE '% error'"),
)


def add(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, what in INDEXES:
        schema_editor.execute(f"CREATE INDEX {name} ON {what}", params=None)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, _what in INDEXES:
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("calls", "0004_search")]
    operations = [migrations.RunPython(add, remove)]
