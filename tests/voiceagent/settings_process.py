"""A process that reads the settings anew, under the environment and command line it is given."""

import atexit
import functools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
READER = """
import importlib, json, os, sys, traceback
from django.core.exceptions import ImproperlyConfigured
for line in sys.stdin:
    asked = json.loads(line)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = asked["argv"]
    for name in [name for name in sys.modules if name.split(".")[0] == "voiceagent"]:
        del sys.modules[name]
    try:
        settings = importlib.import_module("voiceagent.settings")
        answer = {name: getattr(settings, name) for name in asked["names"]}
    except ImproperlyConfigured as problem:
        answer = {"refused": str(problem)}
    except Exception:
        answer = {"failed": traceback.format_exc()}
    print(json.dumps(answer, default=str), flush=True)
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


@functools.cache
def _reader() -> "subprocess.Popen[str]":
    reader = subprocess.Popen(
        [sys.executable, "-c", READER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    atexit.register(reader.kill)
    return reader


def read_settings(
    *names: str, argv: Sequence[str] = ("manage.py", "check"), **environment: str
) -> dict[str, Any]:
    """The named settings, or {"refused": why}. Settings that fail otherwise fail the test."""
    whole = {**os.environ, **dict.fromkeys(NOT_SET, ""), **environment}
    reader = _reader()
    assert reader.stdin is not None and reader.stdout is not None
    asked = {"names": names, "argv": list(argv), "environment": whole}
    reader.stdin.write(json.dumps(asked) + "\n")
    reader.stdin.flush()
    answer: dict[str, Any] = json.loads(reader.stdout.readline())
    assert "failed" not in answer, answer["failed"]
    return answer


def refusal(**environment: str) -> str:
    """Why the settings refuse to be read."""
    answer = read_settings(**environment)
    assert "refused" in answer, f"{environment} was taken for sense"
    return str(answer["refused"])
