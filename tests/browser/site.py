"""A site of one's own: database, uploads, offline providers, and a server in its own process."""

import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.providers.server import ProvidersConfig, RunningProviders, serve
from tests.servers.running_server import ROOT, Installation, RunningServer, running
from tests.whole_call.rig import LoopThread


@dataclass(frozen=True)
class SiteInstallation(Installation):
    """An installation that keeps its uploads in its own folder."""

    database_url: str = ""
    redis_url: str = ""
    public_base_url: str = ""

    def environment(self, port: int) -> dict[str, str]:
        usual = super().environment(port)
        return {
            **usual,
            "DJANGO_SETTINGS_MODULE": "tests.browser.site_settings",
            "MEDIA_ROOT_OF_TEST": str(self.folder / "media"),
            "DATABASE_URL": self.database_url or usual["DATABASE_URL"],
            "REDIS_URL": self.redis_url,
            "PUBLIC_BASE_URL": self.public_base_url or usual["PUBLIC_BASE_URL"],
        }

    def run(self, *command: str) -> None:
        """Run Python to its end."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment(8000),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Site:
    """What a test holds of it."""

    installation: SiteInstallation
    server: RunningServer
    providers: RunningProviders

    @property
    def url(self) -> str:
        return self.server.base_url

    @property
    def media(self) -> Path:
        return self.installation.folder / "media"

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the server's SQLite file holds, read beside it."""
        path = self.installation.folder / "db.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10.0)) as database:
            return database.execute(query, values).fetchall()

    def newest_recording(self, clip: str) -> "StoredRecording":
        [row] = self.rows(
            "SELECT version, mulaw, text, source, original, published_at IS NOT NULL "
            "FROM catalog_recording WHERE clip_id = (SELECT id FROM catalog_clip WHERE name = ?) "
            "ORDER BY version DESC LIMIT 1",
            clip,
        )
        return StoredRecording(row[0], bytes(row[1]), row[2], row[3], row[4], bool(row[5]))

    def newest_revision(self) -> int:
        return int(self.rows("SELECT max(id) FROM catalog_catalogrevision")[0][0])

    def wait_until_served(self, timeout_seconds: float = 5.0) -> None:
        """Until the process that answers calls says that it works from the newest revision."""
        deadline = time.monotonic() + timeout_seconds
        asked = "SELECT count(*) FROM catalog_servingprocess WHERE revision = ?"
        while not self.rows(asked, self.newest_revision())[0][0]:
            assert time.monotonic() < deadline, self.server.log.read_text()
            time.sleep(0.05)


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A row of the table of recordings."""

    version: int
    mulaw: bytes
    text: str
    source: str
    original: str
    was_published: bool


@contextmanager
def running_providers() -> Iterator[RunningProviders]:
    thread = LoopThread("providers")
    providers = thread.run(serve(ProvidersConfig(port=0, ears="typed", voice="tone")))
    try:
        yield providers
    finally:
        thread.run(providers.close())
        thread.stop()


@contextmanager
def running_site(folder: Path, role: str) -> Iterator[Site]:
    """With role "web" it answers no calls, and starts in a third of the time."""
    with running_providers() as providers:
        installation = SiteInstallation(folder, f"http://127.0.0.1:{providers.port}")
        installation.run("-m", "tests.browser.set_up")
        serve_it = ("manage.py", "serve", "--role", role, "--port", "{port}")
        with running(installation, *serve_it) as server:
            wait_until_it_answers(server)
            if role != "web":
                server.wait_until_ready()
            yield Site(installation, server, providers)


def wait_until_it_answers(server: RunningServer, timeout_seconds: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            urllib.request.urlopen(f"{server.base_url}/healthz", timeout=2.0).close()
            return
        except (OSError, urllib.error.URLError):
            assert server.process.poll() is None, server.log.read_text()
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.1)
