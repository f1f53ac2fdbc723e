"""Whatever becomes of a call, it has one record, closed, that says who ended it.

Two servers on PostgreSQL: one is killed with calls on the line, and the database goes away in the
middle of calls. RECORDS_CALLS and OUTAGE_SECONDS say how many and how long: a few here, hundreds
and a minute with `make test-records`.
"""

import asyncio
import logging
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from calls.models import OVER, EndedBy
from rehearsal.caller import SCRIPTS, CallReport, Target
from rehearsal.providers.server import RunningProviders
from tests.browser.site import SiteInstallation, running_providers
from tests.cluster.two_servers import SERVE, own_database
from tests.prerequisites import REDIS_URL, need_postgres_and_redis
from tests.records.control import put, tell_status
from tests.records.database_proxy import DatabaseProxy, database_proxy
from tests.records.kinds import (
    HEALTHY,
    LONG,
    WITH_A_DEAD_PROVIDER,
    Known,
    crowd,
    known,
    ring_off,
    scripts,
)
from tests.servers.running_server import RunningServer, running
from tests.whole_call.rig import LoopThread

logger = logging.getLogger(__name__)
CALLS = int(os.environ.get("RECORDS_CALLS", "24"))
OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", "6"))
AT_ONCE = 8
SEATS = 12
CLOSED_WITHIN_SECONDS = 60.0


@dataclass(frozen=True)
class BusyInstallation(SiteInstallation):
    """With few seats, so that callers can be turned away."""

    def environment(self, port: int) -> dict[str, str]:
        return {**super().environment(port), "MAX_CONCURRENT_CALLS": str(SEATS)}


@dataclass
class Office:
    """`a` stays; `b` is the one that is killed."""

    installation: SiteInstallation
    database_url: str
    providers: RunningProviders
    proxy: DatabaseProxy
    proxy_thread: LoopThread
    a: RunningServer
    b: RunningServer

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as database:
            return database.execute(statement, values).fetchall()

    def break_down(self, **faults: str) -> None:
        put(f"http://127.0.0.1:{self.providers.port}/rehearsal/faults", faults)

    def database_is_away(self, away: bool) -> None:
        self.proxy_thread.run(self.proxy.be_away(away))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    need_postgres_and_redis()
    with ExitStack() as stack:
        database_url = stack.enter_context(own_database())
        providers = stack.enter_context(running_providers())
        address = urlsplit(database_url)
        proxy, thread = stack.enter_context(
            database_proxy(address.hostname or "", address.port or 5432)
        )
        proxied = f"postgres://postgres@127.0.0.1:{proxy.port}{address.path}"
        installation = BusyInstallation(
            tmp_path, f"http://127.0.0.1:{providers.port}", proxied, REDIS_URL
        )
        installation.run("-m", "tests.browser.set_up")
        installation.run("-m", "tests.records.set_up")
        a = stack.enter_context(running(installation, *SERVE))
        b = stack.enter_context(running(installation, *SERVE))
        a.wait_until_ready()
        b.wait_until_ready()
        yield Office(installation, database_url, providers, proxy, thread, a, b)


def test_every_call_has_a_record_that_says_how_it_ended(office: Office) -> None:
    placed = [
        *healthy_calls(office, CALLS // 2),
        *calls_with_a_dead_provider(office, max(2, CALLS // 10)),
        *calls_in_an_outage(office, max(3, CALLS // 6)),
        *calls_that_find_all_lines_busy(office),
        *calls_of_a_server_that_is_killed(office, max(3, CALLS // 10)),
    ]
    told_again(office.a.target, [call.call_sid for call in placed[::5]])
    wait_until_closed(office, len(placed))
    records = by_call_sid(office)
    assert set(records) == {call.call_sid for call in placed}
    wrong = [
        (call.kind, call.ended_by, records[call.call_sid])
        for call in placed
        if records[call.call_sid] != (call.ended_by, 1)
    ]
    kinds = Counter((call.kind, str(call.ended_by)) for call in placed)
    logger.info("%d calls: %s", len(placed), dict(kinds))
    assert wrong == []
    assert missing_words(office, placed) == []
    assert doubled_lines(office) == []
    assert calls_without_their_tool(office, placed) == []
    assert {call.ended_by for call in placed} >= {
        EndedBy.CALLER,
        EndedBy.AGENT,
        EndedBy.TRANSFER,
        EndedBy.ERROR,
        EndedBy.TURNED_AWAY,
    }


def healthy_calls(office: Office, count: int) -> list[Known]:
    at_a = asyncio.run(crowd(office.a.target, scripts(HEALTHY, count), AT_ONCE))
    at_b = asyncio.run(crowd(office.b.target, scripts(HEALTHY, max(2, count // 4)), AT_ONCE))
    return [*map(known, at_a + at_b), asyncio.run(ring_off(office.b.target))]


def calls_with_a_dead_provider(office: Office, count: int) -> list[Known]:
    found: list[CallReport] = []
    for provider in ("stt", "tts"):
        office.break_down(**{provider: "refuse"})
        waiting = scripts(WITH_A_DEAD_PROVIDER, max(1, count // 2))
        found += asyncio.run(crowd(office.a.target, waiting, AT_ONCE))
    office.break_down()
    return [known(report) for report in found + until_found_well_again(office)]


def until_found_well_again(office: Office) -> list[CallReport]:
    """The circuits of what was dead let a caller try when their rest is over."""
    deadline = time.monotonic() + 150.0
    found: list[CallReport] = []
    while not found or found[-1].transferred_to:
        assert time.monotonic() < deadline, "still taken for dead"
        found += asyncio.run(crowd(office.a.target, scripts((SCRIPTS["short"],), 1), 1))
    return found


def calls_in_an_outage(office: Office, count: int) -> list[Known]:
    """The database goes away while they talk, and new calls come in meanwhile."""
    with ThreadPoolExecutor(1) as telephone:
        waiting = scripts(HEALTHY, max(count, AT_ONCE))
        calling = telephone.submit(asyncio.run, crowd(office.a.target, waiting, AT_ONCE))
        time.sleep(3.0)
        with away(office):
            time.sleep(OUTAGE_SECONDS)
        return [known(report) for report in calling.result(600.0)]


@contextmanager
def away(office: Office) -> Iterator[None]:
    office.database_is_away(True)
    try:
        yield
    finally:
        office.database_is_away(False)


def calls_that_find_all_lines_busy(office: Office) -> list[Known]:
    waiting = scripts((HEALTHY[1],), SEATS + 3)
    found = asyncio.run(crowd(office.a.target, waiting, len(waiting)))
    return [known(report) for report in found]


def calls_of_a_server_that_is_killed(office: Office, count: int) -> list[Known]:
    waiting = scripts((LONG,), min(count, SEATS))
    with ThreadPoolExecutor(1) as telephone:
        calling = telephone.submit(asyncio.run, crowd(office.b.target, waiting, len(waiting)))
        time.sleep(18.0)
        os.killpg(office.b.process.pid, signal.SIGKILL)
        killed_at = time.monotonic()
        reports = calling.result(120.0)
    assert all(report.close_code == 1006 for report in reports), "some were over before the kill"
    wait_until_closed(office, 0)
    closed_after = time.monotonic() - killed_at
    logger.info("%d calls of a killed server: closed after %.0f s", len(reports), closed_after)
    assert closed_after < CLOSED_WITHIN_SECONDS + 5.0
    return [known(report) for report in reports]


def told_again(target: Target, call_sids: list[str]) -> None:
    """Twilio's callbacks once more, late, and in the wrong order."""
    for call_sid in call_sids:
        for status in ("completed", "ringing", "in-progress", "completed"):
            asyncio.run(tell_status(target, call_sid, status))


def wait_until_closed(office: Office, at_least: int) -> None:
    deadline = time.monotonic() + CLOSED_WITHIN_SECONDS + 30.0
    while True:
        [(every, over)] = office.rows(
            "SELECT count(*), count(*) FILTER (WHERE status = ANY(%s)) FROM calls_call",
            [str(status) for status in OVER],
        )
        if every == over and every >= at_least:
            return
        assert time.monotonic() < deadline, f"{every - over} of {every} calls are left open"
        time.sleep(0.5)


def by_call_sid(office: Office) -> dict[str, tuple[str, int]]:
    found = office.rows("SELECT call_sid, min(ended_by), count(*) FROM calls_call GROUP BY 1")
    return {call_sid: (ended_by, count) for call_sid, ended_by, count in found}


def missing_words(office: Office, placed: list[Known]) -> list[tuple[str, str]]:
    found = office.rows(
        "SELECT call_sid, string_agg(text, ' ') FROM calls_call call "
        "JOIN calls_utterance line ON line.call_id = call.id WHERE speaker = 'caller' GROUP BY 1"
    )
    said = dict(found)
    return [
        (call.kind, words)
        for call in placed
        for words in call.words
        if words not in said.get(call.call_sid, "")
    ]


def doubled_lines(office: Office) -> list[tuple[Any, ...]]:
    return office.rows(
        "SELECT call_id, speaker, text, count(*) FROM calls_utterance "
        "GROUP BY call_id, speaker, text, at_ms HAVING count(*) > 1"
    )


def calls_without_their_tool(office: Office, placed: list[Known]) -> list[str]:
    """Who was told the time heard it from a tool."""
    found = office.rows(
        "SELECT call_sid FROM calls_call call JOIN calls_toolrun run ON run.call_id = call.id "
        "WHERE run.name = 'get_current_time' AND run.outcome = 'ok'"
    )
    told = {call_sid for (call_sid,) in found}
    return [
        call.call_sid
        for call in placed
        if call.kind == "time" and call.ended_by == EndedBy.AGENT and call.call_sid not in told
    ]
