"""Who reads calls also rates and hears them; who supervises also erases, and tells other systems."""

from django.db import migrations

from staff.roles import MANAGERS, SUPERVISORS, grant

READ_CALLS = {
    "calls.call": "see_phone_numbers hear_recording export_call supervise_call",
    "calls.callreview": "view add change",
    "calls.survey": "view",
    "calls.webhookdelivery": "view",
}
SUPERVISE = {
    "calls.call": "erase_caller",
    "calls.webhook": "view add change delete",
}


def grant_calls(apps, schema_editor):
    for role in (MANAGERS, SUPERVISORS):
        grant(apps, role, READ_CALLS)
    grant(apps, SUPERVISORS, SUPERVISE)


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0003_records"),
        ("staff", "0004_appointment_roles"),
    ]
    operations = [migrations.RunPython(grant_calls, migrations.RunPython.noop)]
