"""The migration that makes the roles, on a database of any age and brand."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from staff.roles import EDITORS, MANAGERS, SUPERVISORS, grant

ROOT = Path(__file__).resolve().parent.parent.parent
ROLES = ["Editors 53", "Managers 17", "Supervisors 84"]
POSTGRES = "postgres://postgres@127.0.0.1:5432"
# One process does it all: each start of manage.py takes seconds.
PROGRAM = """
import django
django.setup()
from django.contrib.auth.models import Group
from django.core.management import call_command
for asked in ("catalog 0002", "calls 0001", "customers 0001", "admin", "sessions", ""):
    call_command("migrate", *asked.split(), skip_checks=True, verbosity=0)
for group in Group.objects.order_by("name"):
    print(group.name, group.permissions.count())
"""


def roles_after_upgrading(database: str) -> list[str]:
    """From the migrations of the first release, which knew no roles and no audit log."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            **os.environ,
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "voiceagent.settings",
            "SERVES_CALLS": "false",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'fresh.sqlite3'}"
        return
    try:
        server = psycopg.connect(f"{POSTGRES}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip("No PostgreSQL at 127.0.0.1:5432.")
    name = f"roles_{uuid.uuid4().hex[:12]}"
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{POSTGRES}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_database_of_the_first_release_gets_the_roles(database: str) -> None:
    assert roles_after_upgrading(database) == ROLES


@pytest.mark.django_db
def test_a_fresh_database_has_the_roles() -> None:
    groups = Group.objects.filter(name__in=(EDITORS, MANAGERS, SUPERVISORS)).order_by("name")
    assert [f"{group.name} {group.permissions.count()}" for group in groups] == ROLES


@pytest.mark.django_db
def test_a_role_keeps_what_somebody_gave_it_beside() -> None:
    editors = Group.objects.get(name=EDITORS)
    extra = Permission.objects.get(codename="view_call")
    editors.permissions.add(extra)
    before = set(editors.permissions.all())
    grant(apps, EDITORS, {"catalog.agent": "view change"})
    assert set(editors.permissions.all()) == before


@pytest.mark.django_db
def test_a_right_that_django_would_make_later_is_made_once() -> None:
    Permission.objects.filter(codename="view_call").delete()
    grant(apps, EDITORS, {"calls.call": "view"})
    right = Permission.objects.get(codename="view_call")
    assert (right.name, right.content_type.model) == ("Can view call", "call")
    assert Group.objects.get(name=EDITORS).permissions.filter(pk=right.pk).exists()


@pytest.mark.django_db
def test_a_right_of_a_models_own_is_given_by_its_name() -> None:
    grant(apps, EDITORS, {"calls.call": "hear_recording"})
    right = Group.objects.get(name=EDITORS).permissions.get(codename="hear_recording")
    assert (right.name, right.content_type.model) == ("Can hear recordings", "call")
