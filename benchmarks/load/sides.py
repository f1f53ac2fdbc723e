"""The two sides as processes: started fresh for each level, called once, then measured."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchmarks.load.probe import Told
from benchmarks.provider_process import get
from rehearsal.caller import Target
from rehearsal.demo.environment import free_port
from tests.servers.running_server import ROOT, Installation, running

Side = Literal["peer", "ours", "asgi", "channels", "pipecat"]
SIDES: tuple[Side, ...] = ("peer", "ours")
COMMANDS: Mapping[Side, tuple[str, ...]] = {
    "peer": ("benchmarks.load.peer",),
    "ours": ("benchmarks.load.served", "serve"),
    "asgi": ("benchmarks.load.floor_servers", "asgi"),
    "channels": ("benchmarks.load.floor_servers", "channels"),
    "pipecat": ("benchmarks.load.floor_servers", "pipecat"),
}
MOST_CALLS = 500


@dataclass(frozen=True)
class MeasuredInstallation(Installation):
    """As in production; what a test's server has otherwise is undone."""

    probe_port: int = 0
    further: Mapping[str, str] = field(default_factory=dict)

    def environment(self, port: int) -> dict[str, str]:
        return {
            **super().environment(port),
            "DJANGO_SETTINGS_MODULE": "voiceagent.settings",
            "DEBUG": "false",
            "TURN_DETECTION": "smart",
            "MAX_CONCURRENT_CALLS": str(MOST_CALLS),
            "RECORDING_DIR": str(self.folder / "recordings"),
            "PROBE_PORT": str(self.probe_port),
            **self.further,
        }


@dataclass(frozen=True)
class MeasuredServer:
    pid: int
    target: Target
    probe_url: str

    def told(self, since: float, until: float) -> Told:
        """By its probe, of the time between two moments."""
        return Told(**json.loads(get(f"{self.probe_url}/{since!r}/{until!r}")))


def set_up(folder: Path, providers_url: str) -> None:
    """The product's database, once for all of its servers."""
    installation = MeasuredInstallation(folder, providers_url)
    subprocess.run(
        [sys.executable, "-m", "benchmarks.load.set_up"],
        cwd=ROOT,
        env=installation.environment(8_000),
        check=True,
    )


@contextmanager
def running_side(
    side: Side, folder: Path, providers_url: str, further: Mapping[str, str] | None = None
) -> Iterator[MeasuredServer]:
    """`further` goes into the environment of the process."""
    installation = MeasuredInstallation(folder, providers_url, free_port(0), further or {})
    with running(installation, "-m", *COMMANDS[side], "--port", "{port}") as server:
        server.wait_until_ready()
        probe_url = f"http://127.0.0.1:{installation.probe_port}"
        yield MeasuredServer(server.process.pid, server.target, probe_url)
