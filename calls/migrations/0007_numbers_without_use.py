"""Numbers that stayed for the sake of recordings that never were."""

from django.db import migrations


def forget_numbers(apps, schema_editor):
    calls = apps.get_model("calls", "Call").objects.filter(erased_at__isnull=False)
    without_file = calls.filter(recording="", recording_state__in=("withheld", "failed"))
    without_file.exclude(from_number="").update(from_number="")


class Migration(migrations.Migration):
    dependencies = [("calls", "0006_aftercare")]
    operations = [migrations.RunPython(forget_numbers, migrations.RunPython.noop)]
