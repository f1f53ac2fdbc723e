"""Who edits the catalog also edits the tools made in the admin, and the transfer targets."""

from django.db import migrations

from staff.roles import EDITORS, SUPERVISORS, grant

TOOLS = dict.fromkeys(
    (
        "catalog.transfertarget",
        "catalog.httptool",
        "catalog.httptoolparameter",
        "catalog.mcpserver",
    ),
    "view add change delete",
)


def grant_tools(apps, schema_editor):
    for role in (EDITORS, SUPERVISORS):
        grant(apps, role, TOOLS)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_tools_and_transfers"),
        ("staff", "0002_roles"),
    ]
    operations = [migrations.RunPython(grant_tools, migrations.RunPython.noop)]
