"""The demo's processes: started together, ended together."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.conf import settings

STOP_SECONDS = 12.0
TAIL_LINES = 15


class DemoError(Exception):
    """The demo cannot go on; the message says why, with what the process printed last."""


class Processes:
    """Long-running `manage.py` commands, each with a log file. Leaving the block ends them."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, *arguments: str) -> None:
        with self._log(name).open("wb") as log:
            self._running[name] = subprocess.Popen(
                manage(*arguments),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal reaches only us; we end them.
            )

    def run(self, *arguments: str) -> str:
        """Run a command to its end and return what it printed."""
        done = subprocess.run(
            manage(*arguments), env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise DemoError(f"manage.py {arguments[0]} failed:\n{done.stderr.strip()}")
        return done.stdout

    def wait_until(self, name: str, url: str, timeout_seconds: float) -> dict[str, Any]:
        """Wait until the process answers 200 at `url`; its JSON."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if self._running[name].poll() is not None:
                raise DemoError(f"{name} ended unexpectedly:\n{self._tail(name)}")
            try:
                with urllib.request.urlopen(url, timeout=2.0) as answer:
                    document: dict[str, Any] = json.load(answer)
                    return document
            except (OSError, urllib.error.URLError, ValueError):
                time.sleep(0.1)
        raise DemoError(f"{name} was not ready in {timeout_seconds:g} s:\n{self._tail(name)}")

    def wait_for_any_end(self) -> str:
        """Block until one of the processes ends; its name and last words."""
        while True:
            for name, process in self._running.items():
                if process.poll() is not None:
                    return f"{name} ended:\n{self._tail(name)}"
            time.sleep(0.3)

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _tail(self, name: str) -> str:
        lines = self._log(name).read_text(errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]
