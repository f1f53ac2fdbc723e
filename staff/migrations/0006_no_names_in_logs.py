"""What an erasure could not reach: names in Django's own log, and tags of reviews in ours."""

from django.db import migrations
from django.db.models import Q

HIDDEN = "•••"
PERSONAL = Q(content_type__app_label="customers") | Q(
    content_type__app_label="calls", content_type__model__in=("call", "callreview", "survey")
)


def forget_names(apps, schema_editor):
    apps.get_model("admin", "LogEntry").objects.filter(PERSONAL).delete()


def mask_tags(apps, schema_editor):
    rows = apps.get_model("staff", "AuditEntry").objects.filter(
        content_type__app_label="calls",
        content_type__model="callreview",
        changes__has_key="tags",
    )
    for row in rows.iterator():
        before_and_after = row.changes["tags"]
        row.changes["tags"] = [it if it in ("", "None") else HIDDEN for it in before_and_after]
        row.save(update_fields=["changes"])


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("staff", "0005_calls_roles"),
    ]
    operations = [
        migrations.RunPython(forget_names, migrations.RunPython.noop),
        migrations.RunPython(mask_tags, migrations.RunPython.noop),
    ]
