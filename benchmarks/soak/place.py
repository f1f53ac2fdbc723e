"""The processes of a soak: the server, and the offline providers in another one."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.provider_process import get, running_providers
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
            "PYTHONMALLOC": "malloc",  # so that glibc can tell what is in use
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
        return dict(json.loads(get(f"http://127.0.0.1:{self.installation.soak_port}/")))

    def figure(self, name: str) -> int:
        """The sum of a metric over its labels."""
        lines = re.findall(
            rf"^{name}(?:{{.*}})? (\S+)$", get(f"{self.server.base_url}/metrics"), re.MULTILINE
        )
        return round(sum(map(float, lines)))

    def open_at_the_providers(self) -> dict[str, int]:
        found = json.loads(get(f"{self.installation.providers_url}/rehearsal/open"))
        return {name: line["open"] for name, line in found.items() if line["open"]}


@contextmanager
def running_place(folder: Path) -> Iterator[Place]:
    with running_providers() as providers_url:
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
