"""Which processes answer calls, and therefore warm up; and which of them serve the admin."""

import os
import subprocess
import sys

import pytest

from tests.voiceagent.settings_process import ROOT, read_settings

SERVE_BY_ASGI = """
import os, sys
sys.argv = ["/venv/bin/uvicorn", "voiceagent.asgi:application"]
{before}
import voiceagent.asgi
from django.conf import settings
print(settings.SERVES_CALLS, flush=True)
os._exit(0)  # Nobody waits for the warm-up.
"""


@pytest.mark.parametrize(
    ("argv", "reloaded", "serves_calls", "serves_admin"),
    [
        (["manage.py", "serve"], "", True, True),
        (["manage.py", "serve", "--role", "all", "--port", "9000"], "", True, True),
        (["manage.py", "serve", "--role", "voice"], "", True, False),
        (["manage.py", "serve", "--port", "9000", "--role=voice"], "", True, False),
        (["manage.py", "serve", "--role", "web"], "", False, True),
        (["manage.py", "serve", "--role=web"], "", False, True),
        (["manage.py", "runserver"], "", False, True),
        (["manage.py", "runserver", "0.0.0.0:8000"], "true", True, True),
        (["manage.py", "runserver", "--noreload"], "", True, True),
        (["manage.py", "migrate"], "", False, True),
        (["manage.py", "test"], "", False, True),
        (["manage.py", "shell"], "", False, True),
        (["manage.py", "collectstatic", "--noinput"], "", False, True),
        (["manage.py", "call_record", "CA0"], "", False, True),
        (["manage.py", "providers"], "", False, True),
        (["manage.py", "rehearse", "--calls", "10"], "", False, True),
        (["/venv/bin/pytest", "tests"], "", False, True),
        (["manage.py"], "", False, True),
        ([""], "", False, True),
        (["-c"], "", False, True),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_it_knows_by_its_command_line_what_it_serves(
    argv: list[str], reloaded: str, serves_calls: bool, serves_admin: bool
) -> None:
    answer = read_settings("SERVES_CALLS", "SERVES_ADMIN", argv=argv, RUN_MAIN=reloaded)
    assert answer == {"SERVES_CALLS": serves_calls, "SERVES_ADMIN": serves_admin}


@pytest.mark.parametrize("said", ["true", "false"])
def test_the_environment_has_the_last_word(said: str) -> None:
    for argv in (["manage.py", "serve"], ["manage.py", "migrate"]):
        answer = read_settings("SERVES_CALLS", argv=argv, SERVES_CALLS=said)
        assert answer["SERVES_CALLS"] is (said == "true")


@pytest.mark.parametrize(
    ("before", "environment", "serves_calls"),
    [
        ("", {}, "True"),
        ("", {"SERVES_CALLS": ""}, "True"),
        ("", {"SERVES_CALLS": "false"}, "False"),
        (
            "sys.argv = ['manage.py', 'serve', '--role', 'web']; import django; django.setup()",
            {},
            "False",
        ),
    ],
    ids=["a server", "set to nothing", "told not to", "the web role of serve"],
)
def test_a_server_that_imports_the_application_serves_calls(
    before: str, environment: dict[str, str], serves_calls: str
) -> None:
    inherited = {name: value for name, value in os.environ.items() if name != "SERVES_CALLS"}
    finished = subprocess.run(
        [sys.executable, "-c", SERVE_BY_ASGI.format(before=before)],
        env={**inherited, "DJANGO_SETTINGS_MODULE": "voiceagent.settings", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.stdout.split() == [serves_calls], finished.stderr[-2_000:]


def test_the_application_tells_nothing_to_processes_that_have_their_settings() -> None:
    """Their children would inherit it, and `migrate` would load models."""
    program = (
        "import os; os.environ.pop('SERVES_CALLS', None); import django; django.setup(); "
        "import voiceagent.asgi; print(os.environ.get('SERVES_CALLS'))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "voiceagent.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert finished.stdout.split() == ["None"]
