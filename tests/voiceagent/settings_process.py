"""A fresh process that reads the settings, as each real one does at its start."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
READ = """
import json, sys
sys.argv = json.loads(sys.argv[1])
names = json.loads({names!r})
from django.core.exceptions import ImproperlyConfigured
try:
    from voiceagent import settings
except ImproperlyConfigured as problem:
    print(json.dumps({{"refused": str(problem)}}))
else:
    print(json.dumps({{name: getattr(settings, name) for name in names}}, default=str))
"""
# What a developer's .env, or another test, may have left in this process.
NOT_SET = (
    "ALLOWED_HOSTS",
    "CARTESIA_API_KEY",
    "CARTESIA_BASE_URL",
    "DATABASE_URL",
    "DEBUG",
    "LOG_LEVEL",
    "OFFLINE_PROVIDERS_URL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "PUBLIC_BASE_URL",
    "REDIS_URL",
    "RUN_MAIN",
    "SECRET_KEY",
    "SERVES_CALLS",
)


def read_settings(
    *names: str, argv: Sequence[str] = ("manage.py", "check"), **environment: str
) -> dict[str, Any]:
    """The named settings, or {"refused": why}. A process that fails otherwise fails the test."""
    finished = subprocess.run(
        [sys.executable, "-c", READ.format(names=json.dumps(names)), json.dumps(list(argv))],
        env={**os.environ, **dict.fromkeys(NOT_SET, ""), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2_000:]
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer


def refusal(**environment: str) -> str:
    """Why the settings refuse to be read."""
    answer = read_settings(**environment)
    assert "refused" in answer, f"{environment} was taken for sense"
    return str(answer["refused"])
