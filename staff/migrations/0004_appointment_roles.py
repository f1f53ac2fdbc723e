"""Who sees customers sees their further numbers and appointments; who keeps them keeps these."""

from django.db import migrations

from staff.roles import EDITORS, MANAGERS, SUPERVISORS, grant

SEE = dict.fromkeys(("customers.customerphone", "customers.appointment"), "view")
KEEP = dict.fromkeys(SEE, "view add change delete")


def grant_appointments(apps, schema_editor):
    for role in (EDITORS, MANAGERS):
        grant(apps, role, SEE)
    grant(apps, SUPERVISORS, KEEP)


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_appointments"),
        ("staff", "0003_tools_roles"),
    ]
    operations = [migrations.RunPython(grant_appointments, migrations.RunPython.noop)]
