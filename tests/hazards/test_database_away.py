"""H34: few connections to the database, and calls that go on without it."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from rehearsal.caller import CallReport, HangUp, Speak
from tests.browser.site import SiteInstallation, running_providers
from tests.cluster.two_servers import own_database
from tests.hazards.calling import HEARD
from tests.hazards.servers import SERVE, place
from tests.prerequisites import need_postgres
from tests.records.database_proxy import DatabaseProxy, database_proxy
from tests.servers.running_server import RunningServer, running
from tests.whole_call.rig import LoopThread

logger = logging.getLogger(__name__)

CALLS = 6
AWAY_SECONDS = 6.0
MOST_CONNECTIONS = 10  # the pool's, of voiceagent/tuned.py
STEPS = (HEARD, Speak("ask-hours"), HEARD, Speak("and-saturday"), HEARD, HangUp())


@dataclass
class Office:
    server: RunningServer
    database_url: str
    proxy: DatabaseProxy
    thread: LoopThread

    def count(self, asked: str) -> int:
        with psycopg.connect(self.database_url, autocommit=True) as database:
            row = database.execute(asked).fetchone()
            return int(row[0]) if row else 0

    @contextmanager
    def away(self) -> Iterator[None]:
        self.thread.run(self.proxy.be_away(True))
        try:
            yield
        finally:
            self.thread.run(self.proxy.be_away(False))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    need_postgres()
    with ExitStack() as stack:
        database_url = stack.enter_context(own_database())
        providers = stack.enter_context(running_providers())
        address = urlsplit(database_url)
        proxy, thread = stack.enter_context(
            database_proxy(address.hostname or "", address.port or 5432)
        )
        proxied = f"postgres://postgres@127.0.0.1:{proxy.port}{address.path}"
        installation = SiteInstallation(tmp_path, f"http://127.0.0.1:{providers.port}", proxied)
        installation.run("-m", "tests.browser.set_up")
        server = stack.enter_context(running(installation, *SERVE))
        server.wait_until_ready()
        yield Office(server, database_url, proxy, thread)


CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid()"
)
SAID = "SELECT count(*) FROM calls_utterance WHERE speaker = 'caller'"
WHOLE = "SELECT count(*) FROM calls_call WHERE ended_at IS NOT NULL AND ended_by = 'caller'"


def test_h34_calls_go_on_while_the_database_is_away_and_use_few_connections(
    office: Office,
) -> None:
    reports: list[CallReport] = []

    def telephone() -> None:
        reports.extend(asyncio.run(place(office.server, STEPS, CALLS)))

    calling = threading.Thread(target=telephone)
    calling.start()
    time.sleep(4.0)  # in mid-call
    most = office.count(CONNECTIONS)
    with office.away():
        time.sleep(AWAY_SECONDS)
    calling.join(90.0)
    assert [report.failures for report in reports] == [()] * CALLS
    gaps = [report.longest_gap_in_speech_ms for report in reports]
    back_at = time.monotonic()
    while office.count(WHOLE) < CALLS:
        assert time.monotonic() - back_at < 30.0
        most = max(most, office.count(CONNECTIONS))
        time.sleep(0.1)
    logger.info(
        "%d calls, %.0f s away: %d connections at most, longest gap %.0f ms, records %.1f s later",
        *(CALLS, AWAY_SECONDS, most, max(gaps), time.monotonic() - back_at),
    )
    assert most <= MOST_CONNECTIONS
    assert max(gaps) <= 100.0
    assert (
        office.count("SELECT count(*) FROM calls_utterance WHERE speaker = 'caller'") == 2 * CALLS
    )
