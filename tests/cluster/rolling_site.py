"""Two servers behind nginx, restarted one after the other as docs/deployment.md says."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from rehearsal.caller import Target
from tests.browser.site import SiteInstallation
from tests.cluster.two_servers import SERVE, own_database
from tests.nginx import RunningNginx, free_port, running_nginx
from tests.prerequisites import REDIS_URL
from tests.servers.running_server import RunningServer, running

DRAINED_WITHIN_SECONDS = 240.0


@dataclass(frozen=True)
class LastingInstallation(SiteInstallation):
    """Each server has room for everybody, as it needs while the other one is away."""

    def environment(self, port: int) -> dict[str, str]:
        usual = super().environment(port)
        return {**usual, "DRAIN_TIMEOUT": "300", "MAX_CONCURRENT_CALLS": "60"}


@dataclass(frozen=True, slots=True)
class Restart:
    """How one went. Seconds, from SIGTERM."""

    port: int
    calls_on_the_line: int
    exit_code: int
    drained_seconds: float
    ready_seconds: float


class Unit:
    """One server, as systemd has it: always at its port."""

    def __init__(self, installation: LastingInstallation, port: int) -> None:
        self.port = port
        self._installation = installation
        self._life = ExitStack()
        self._server: RunningServer | None = None

    @property
    def server(self) -> RunningServer:
        assert self._server is not None
        return self._server

    def start(self) -> None:
        self._server = self._life.enter_context(running(self._installation, *SERVE, port=self.port))

    def restart(self) -> Restart:
        live, process = self.live_calls(), self.server.process
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(DRAINED_WITHIN_SECONDS)
        drained = time.monotonic()
        self._life.close()
        self.server.log.rename(self.server.log.with_suffix(f".{process.pid}.log"))
        self.start()
        self.server.wait_until_ready()
        return Restart(self.port, live, code, drained - began, time.monotonic() - began)

    def live_calls(self) -> int:
        figures = httpx2.get(f"{self.server.base_url}/metrics", timeout=10.0).text
        [line] = [it for it in figures.splitlines() if it.startswith("live_calls ")]
        return int(float(line.split()[1]))

    def end(self) -> None:
        self._life.close()


@dataclass(frozen=True)
class RollingSite:
    installation: LastingInstallation
    nginx: RunningNginx
    units: tuple[Unit, Unit]

    @property
    def target(self) -> Target:
        """Callers know the address of nginx, and no other."""
        url = self.nginx.base_url
        return replace(self.units[0].server.target, base_url=url, public_base_url=url)

    def records(self) -> dict[str, tuple[str, str]]:
        """Of every call: its status, and who ended it."""
        rows = self._sql("SELECT call_sid, status, ended_by FROM calls_call")
        return {call_sid: (status, ended_by) for call_sid, status, ended_by in rows}

    def late_answers(self) -> int:
        """How often a stand-in for a provider did not answer in time."""
        logs = self.installation.folder.glob("server-*.log")
        return sum(log.read_text().count("stumbled: TimeoutError") for log in logs)

    def _sql(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.installation.database_url) as database:
            return database.execute(statement).fetchall()


@contextmanager
def providers_of_their_own(folder: Path) -> Iterator[str]:
    """In a process: beside twenty callers in one, they answered later than calls are patient."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    providers = ("manage.py", "providers", "--port", "{port}", "--ears", "typed", "--voice", "tone")
    with running(SiteInstallation(folder, url), *providers, port=port) as server:
        deadline = time.monotonic() + 60.0
        while True:
            try:
                httpx2.get(f"{url}/rehearsal/health", timeout=5.0).raise_for_status()
                break
            except httpx2.HTTPError:
                assert time.monotonic() < deadline, server.log.read_text()
                time.sleep(0.1)
        yield url


@contextmanager
def rolling_site(folder: Path) -> Iterator[RollingSite]:
    nginx_port, ports = free_port(), (free_port(), free_port())
    with own_database() as database_url, providers_of_their_own(folder) as providers_url:
        installation = LastingInstallation(
            folder,
            providers_url,
            database_url,
            REDIS_URL,
            f"http://127.0.0.1:{nginx_port}",
        )
        installation.run("-m", "tests.browser.set_up")
        units = (Unit(installation, ports[0]), Unit(installation, ports[1]))
        try:
            for unit in units:
                unit.start()
            for unit in units:
                unit.server.wait_until_ready()
            with running_nginx(folder, ports, port=nginx_port) as nginx:
                yield RollingSite(installation, nginx, units)
        finally:
            for unit in units:
                unit.end()
