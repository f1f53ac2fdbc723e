"""The offline providers in a process of their own, for as long as a block lasts."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rehearsal.demo.environment import free_port
from tests.servers.running_server import ROOT

START_SECONDS = 60.0


@contextmanager
def running_providers() -> Iterator[str]:
    """Their address."""
    port = free_port(0)
    command = ["manage.py", "providers", "--port", str(port), "--ears", "typed", "--voice", "tone"]
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_they_answer(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(20.0)


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20.0) as answer:
        return str(answer.read().decode())


def break_down(providers_url: str, faults: Mapping[str, Any]) -> None:
    """From now on; nothing: all are well."""
    _put(f"{providers_url}/rehearsal/faults", faults)


def slow_down(providers_url: str, latency: Mapping[str, float]) -> None:
    """From now on, in ms; nothing: all answer at once."""
    _put(f"{providers_url}/rehearsal/latency", latency)


def _put(url: str, document: Mapping[str, Any]) -> None:
    request = urllib.request.Request(url, data=json.dumps(document).encode(), method="PUT")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=5.0).close()


def _wait_until_they_answer(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            get(f"{url}/rehearsal/health")
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
