"""The processes of a soak: the server, and the offline providers in another one."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.demo.environment import free_port
from tests.servers.running_server import ROOT, Installation, RunningServer, running

SEATS = 64


@dataclass(frozen=True)
class SoakInstallation(Installation):
    """With DEBUG, Django keeps the last 9,000 queries of each connection."""

    soak_port: int = 0

    def environment(self, port: int) -> dict[str, str]:
        return {
            **super().environment(port),
            "DEBUG": "false",
            "RECORDING_DIR": str(self.folder / "recordings"),
            "SUPABASE_URL": self.providers_url,
            "SUPABASE_KEY": "a-key",
            "MAX_CONCURRENT_CALLS": str(SEATS),
            "SOAK_PORT": str(self.soak_port),
        }


@dataclass(frozen=True)
class Place:
    """What a soak holds of them."""

    installation: SoakInstallation
    server: RunningServer

    def held(self) -> dict[str, Any]:
        """See served.py."""
        return dict(json.loads(_get(f"http://127.0.0.1:{self.installation.soak_port}/")))

    def figure(self, name: str) -> int:
        """The sum of a metric over its labels."""
        lines = re.findall(
            rf"^{name}(?:{{.*}})? (\S+)$", _get(f"{self.server.base_url}/metrics"), re.MULTILINE
        )
        return round(sum(map(float, lines)))

    def open_at_the_providers(self) -> dict[str, int]:
        found = json.loads(_get(f"{self.installation.providers_url}/rehearsal/open"))
        return {name: line["open"] for name, line in found.items() if line["open"]}


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20.0) as answer:
        return str(answer.read().decode())


@contextmanager
def running_place(folder: Path) -> Iterator[Place]:
    with _providers() as providers_url:
        installation = SoakInstallation(folder, providers_url, soak_port=free_port(0))
        subprocess.run(
            [sys.executable, "-m", "benchmarks.soak.set_up"],
            cwd=ROOT,
            env=installation.environment(8000),
            check=True,
        )
        with running(
            installation, "-m", "benchmarks.soak.served", "serve", "--port", "{port}"
        ) as it:
            it.wait_until_ready()
            yield Place(installation, it)


@contextmanager
def _providers() -> Iterator[str]:
    port = free_port(0)
    command = ["manage.py", "providers", "--port", str(port), "--ears", "typed", "--voice", "tone"]
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(f"{url}/rehearsal/health", process)
        yield url
    finally:
        process.terminate()
        process.wait(20.0)


def _wait_until_it_answers(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60.0
    while True:
        try:
            _get(url)
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
