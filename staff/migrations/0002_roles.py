"""Three roles: who edits the catalog, who reads calls, and who does both."""

from django.db import migrations

from staff.roles import EDITORS, MANAGERS, SUPERVISORS, grant

CATALOG = {
    **dict.fromkeys(
        (
            "catalog.agent",
            "catalog.phonenumber",
            "catalog.openinghours",
            "catalog.clip",
            "catalog.prompt",
            "catalog.tool",
        ),
        "view add change delete",
    ),
    # Versions are never deleted but as drafts, which is part of changing their clip or prompt.
    "catalog.recording": "view add change",
    "catalog.promptversion": "view add change",
    "catalog.catalogrevision": "view change",  # to change is to go back to one
    "catalog.servingprocess": "view",
}
CALLS = dict.fromkeys(
    ("calls.call", "calls.utterance", "calls.toolrun", "calls.callevent"), "view"
)
SEE_CUSTOMERS = dict.fromkeys(("customers.customer", "customers.customerfact"), "view")
KEEP_CUSTOMERS = dict.fromkeys(SEE_CUSTOMERS, "view add change delete")


def make_roles(apps, schema_editor):
    grant(apps, EDITORS, CATALOG | SEE_CUSTOMERS)
    grant(apps, MANAGERS, CALLS | SEE_CUSTOMERS)
    grant(apps, SUPERVISORS, CATALOG | CALLS | KEEP_CUSTOMERS | {"staff.auditentry": "view"})


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("catalog", "0006_more_default_clips"),
        ("customers", "0001_initial"),
        ("calls", "0001_initial"),
        ("staff", "0001_audit_entry"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
