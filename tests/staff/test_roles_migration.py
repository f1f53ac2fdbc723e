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

from staff.roles import EDITORS, grant

ROOT = Path(__file__).resolve().parent.parent.parent
POSTGRES = "postgres://postgres@127.0.0.1:5432"
FIRST_RELEASE = ("catalog 0002", "calls 0001", "customers 0001", "admin", "sessions")
COUNT = (
    "from django.contrib.auth.models import Group;"
    "print({group.name: group.permissions.count() for group in Group.objects.order_by('name')})"
)


def manage(database: str, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        env={**os.environ, "DATABASE_URL": database, "SERVES_CALLS": "false"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


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


def roles_in(database: str) -> str:
    return manage(database, "shell", "--no-imports", "-c", COUNT)


@pytest.mark.parametrize("first", [(), FIRST_RELEASE], ids=["fresh", "of the first release"])
def test_every_database_gets_the_same_roles(first: tuple[str, ...], database: str) -> None:
    for migration in first:
        manage(database, "migrate", "--skip-checks", "-v0", *migration.split())
    manage(database, "migrate", "--skip-checks", "-v0")
    assert roles_in(database) == "{'Editors': 35, 'Managers': 6, 'Supervisors': 46}"


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
