"""One server whose secrets are canaries, that logs all it can, on a database with a password."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from rehearsal.caller import Target
from rehearsal.providers.server import RunningProviders
from tests.browser.site import SiteInstallation, running_providers
from tests.calls.aftercare.receiver import Receiver, receiving
from tests.cluster.two_servers import own_database
from tests.servers.canaries import (
    COLLECTOR_KEY,
    DATABASE_PASSWORD,
    PASSWORD,
    REDIS_PASSWORD,
    SECRETS,
)
from tests.servers.running_server import ACCOUNT_SID, ROOT, RunningServer, running

BOSS = "boss"


@dataclass(frozen=True)
class WatchedInstallation(SiteInstallation):
    private_host: str = ""

    def environment(self, port: int) -> dict[str, str]:
        wire = self.providers_url.removeprefix("http")
        return {
            **super().environment(port),
            **SECRETS,
            "DEBUG": "false",
            "LOG_LEVEL": "DEBUG",
            "DJANGO_SETTINGS_MODULE": "tests.servers.watched_settings",
            "SECRET_KEY": SECRETS["SECRET_KEY"] * 2,  # Django wants fifty characters.
            "DATABASE_URL": self.database_url.replace("@", f":{DATABASE_PASSWORD}@"),
            "REDIS_URL": f"redis://:{REDIS_PASSWORD}@127.0.0.1:6379/9",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={COLLECTOR_KEY}",
            "OPENAI_BASE_URL": f"{self.providers_url}/v1",
            "CARTESIA_BASE_URL": f"ws{wire}",
            "SUPABASE_URL": self.providers_url,
            "TWILIO_WHATSAPP_FROM": "+14155238886",
            "TOOL_PRIVATE_HOSTS": self.private_host,
            "RECORDING_DIR": str(self.folder / "recordings"),
        }


@dataclass(frozen=True)
class WatchedServer:
    server: RunningServer
    providers: RunningProviders
    database_url: str
    addresses: list[str]
    webhook: int
    secrets: dict[str, str]  # of rows: a webhook's, an app's, a backup code
    receiver: Receiver
    tokens: dict[str, str] = field(default_factory=dict)  # of streams and sessions, as they come

    @property
    def target(self) -> Target:
        url, token = self.server.base_url, SECRETS["TWILIO_AUTH_TOKEN"]
        return Target(url, url, self.server.providers_url, ACCOUNT_SID, token)

    @property
    def log(self) -> str:
        return self.server.log.read_text()

    @contextmanager
    def boss(self) -> Iterator[httpx2.Client]:
        """The browser of a superuser, who has logged in."""
        with httpx2.Client(base_url=self.server.base_url, timeout=30.0) as browser:
            log_in(browser, BOSS, PASSWORD)
            assert browser.get("/admin/").status_code == 200
            self.tokens["a session"] = browser.cookies["sessionid"]
            yield browser


def log_in(browser: httpx2.Client, name: str, password: str) -> httpx2.Response:
    page = browser.get("/admin/login/").text
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found is not None, page
    posted = {"username": name, "password": password, "csrfmiddlewaretoken": found[1]}
    return browser.post("/admin/login/", data=posted)


@contextmanager
def watched_server(folder: Path) -> Iterator[WatchedServer]:
    with (
        own_database() as database_url,
        running_providers() as providers,
        receiving(204) as receiver,
    ):
        installation = WatchedInstallation(
            folder,
            f"http://127.0.0.1:{providers.port}",
            database_url,
            private_host=receiver.host,
        )
        filled = subprocess.run(
            [sys.executable, "-m", "tests.servers.fill_watched", receiver.url],
            cwd=ROOT,
            env=installation.environment(8000),
            capture_output=True,
            text=True,
            check=False,
        )
        assert filled.returncode == 0, filled.stderr
        known = json.loads(filled.stdout.splitlines()[-1])
        with running(installation, "manage.py", "serve", "--port", "{port}") as server:
            server.wait_until_ready()
            yield WatchedServer(server, providers, database_url, **known, receiver=receiver)
