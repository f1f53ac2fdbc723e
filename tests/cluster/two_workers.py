"""One port and two worker processes behind it, watched: figures in one folder, and traces."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg
from prometheus_client.parser import text_string_to_metric_families

from rehearsal.providers.server import RunningProviders
from tests.browser.site import SiteInstallation, running_providers
from tests.cluster.otlp_receiver import Collector, running_collector
from tests.cluster.two_servers import own_database
from tests.prerequisites import REDIS_URL
from tests.servers.running_server import RunningServer, running

TWO_WORKERS = (
    "-m",
    "uvicorn",
    "--workers",
    "2",
    "--port",
    "{port}",
    "voiceagent.asgi:application",
)
TOKEN = "what-prometheus-shows"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class WatchedInstallation(SiteInstallation):
    collector_port: int = 0

    def environment(self, port: int) -> dict[str, str]:
        return {
            **super().environment(port),
            "METRICS_TOKEN": TOKEN,
            "PROMETHEUS_MULTIPROC_DIR": str(self.folder / "figures"),
            "CALL_LOG_DIR": str(self.folder / "call-log"),
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.collector_port}",
            "OTEL_SERVICE_NAME": "front desk",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }


@dataclass(frozen=True)
class TwoWorkers:
    installation: WatchedInstallation
    providers: RunningProviders
    server: RunningServer
    collector: Collector

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.installation.database_url, autocommit=True) as database:
            return database.execute(statement, values).fetchall()

    def figures(self) -> dict[str, dict[Labels, float]]:
        """By the name of the sample and its labels, from whichever worker answers."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        asked = Request(f"{self.server.base_url}/metrics", headers=headers)
        with urlopen(asked, timeout=5.0) as answer:
            text = answer.read().decode()
        found: dict[str, dict[Labels, float]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = tuple(sorted(sample.labels.items()))
                assert labels not in found.get(sample.name, {}), "the same sample twice"
                found.setdefault(sample.name, {})[labels] = sample.value
        return found

    def wait_until(self, holds: Callable[[], bool], timeout_seconds: float = 60.0) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not holds():
            assert time.monotonic() < deadline, self.server.log.read_text()[-4_000:]
            time.sleep(0.2)

    def are_warm(self, warm_ups: int) -> bool:
        # One says so for both: the least of all.
        return self.server.warm_ups() == warm_ups and self.figures()["warm"] == {(): 1.0}


@contextmanager
def two_workers(folder: Path) -> Iterator[TwoWorkers]:
    with (
        own_database() as database_url,
        running_providers() as providers,
        running_collector() as collector,
    ):
        installation = WatchedInstallation(
            folder,
            f"http://127.0.0.1:{providers.port}",
            database_url,
            REDIS_URL,
            collector_port=collector.port,
        )
        installation.run("-m", "tests.browser.set_up")
        installation.run("-m", "tests.records.set_up")
        with running(installation, *TWO_WORKERS) as server:
            server.wait_until_ready(180.0)
            workers = TwoWorkers(installation, providers, server, collector)
            workers.wait_until(lambda: workers.are_warm(2))
            yield workers
