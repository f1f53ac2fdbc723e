"""Run as a module, in a site's environment: its tables, and the people who log in to it."""

import django

EDITOR, SUPERUSER, PASSWORD = "ines", "root", "a long enough password"


def set_up() -> None:
    django.setup()

    from django.contrib.auth.models import Group, User
    from django.core.management import call_command

    from staff.roles import EDITORS

    call_command("migrate", verbosity=0)
    call_command("loaddata", "rehearsal", verbosity=0)
    editor = User.objects.create_user(EDITOR, password=PASSWORD, is_staff=True)
    editor.groups.add(Group.objects.get(name=EDITORS))
    User.objects.create_superuser(SUPERUSER, password=PASSWORD)


if __name__ == "__main__":
    set_up()
