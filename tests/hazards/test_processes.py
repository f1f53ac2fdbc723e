"""H20, H21, H33: a server that is killed, one that has carried many calls, and staff at work."""

import asyncio
import logging
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import httpx2
import pytest

from rehearsal.caller import CallReport, CallScript, HangUp, Hear, SimulatedCaller, WaitForHangup
from rehearsal.caller.script import Step
from tests.hazards.calling import ANSWERED
from tests.servers.raw_http import memory_mib
from tests.servers.running_server import Installation, RunningServer, running
from tests.servers.test_refusals import metric
from tests.servers.watched_server import log_in

logger = logging.getLogger(__name__)

SERVE = ("manage.py", "serve", "--port", "{port}")
KILLED_CALLS = 6
RECORDS_WITHIN_SECONDS = 60.0
# `SOAK_CALLS=5000` is the hazard's own number, and takes a quarter of an hour.
SOAK_CALLS = int(os.environ.get("SOAK_CALLS", "150"))
AT_ONCE, WARM_UP_CALLS = 15, 150
BOSS, PASSWORD = "boss", "a long enough password"
NEW_BOSS = (
    "from django.contrib.auth.models import User;"
    f"User.objects.create_superuser({BOSS!r}, password={PASSWORD!r})"
)


async def place(server: RunningServer, steps: tuple[Step, ...], count: int) -> list[CallReport]:
    """So many at once."""

    async def one(number: int) -> CallReport:
        await asyncio.sleep(0.05 * number)
        script = CallScript("hazard", steps, from_number=f"+1202555{number:04d}")
        return await SimulatedCaller(server.target).call(script)

    return await asyncio.gather(*(one(number) for number in range(count)))


def open_calls(installation: Installation) -> int:
    with sqlite3.connect(installation.folder / "db.sqlite3", timeout=20.0) as database:
        asked = "SELECT count(*) FROM calls_call WHERE ended_at IS NULL"
        return int(database.execute(asked).fetchone()[0])


async def killed_with_calls_on_the_line(server: RunningServer) -> list[CallReport]:
    calling = asyncio.create_task(place(server, (WaitForHangup(60.0),), KILLED_CALLS))
    while await metric(server, "live_calls") < KILLED_CALLS:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)
    os.killpg(server.process.pid, signal.SIGKILL)
    return await calling


def test_h20_calls_of_a_server_that_was_killed_are_closed_within_a_minute(
    installation: Installation,
) -> None:
    with running(installation, *SERVE) as victim:
        victim.wait_until_ready()
        reports = asyncio.run(killed_with_calls_on_the_line(victim))
        killed_at = time.monotonic()
    assert {report.close_code for report in reports} == {1006}
    assert open_calls(installation) == KILLED_CALLS
    with running(installation, *SERVE):
        while open_calls(installation):
            assert time.monotonic() - killed_at < RECORDS_WITHIN_SECONDS + 20.0
            time.sleep(0.25)
        closed_after = time.monotonic() - killed_at
    logger.info("%d calls, closed %.0f s after the kill", len(reports), closed_after)
    assert closed_after < RECORDS_WITHIN_SECONDS
    record = installation.record(reports[0].call_sid)
    assert (record["status"], record["ended_by"]) == ("failed", "error")


def held(server: RunningServer) -> tuple[float, int, int]:
    """Memory in MiB, open files, threads."""
    process = Path(f"/proc/{server.process.pid}")
    return (
        memory_mib(server),
        len(list((process / "fd").iterdir())),
        len(list((process / "task").iterdir())),
    )


class InProduction(Installation):
    """With DEBUG, Django remembers the last 9,000 queries."""

    def environment(self, port: int) -> dict[str, str]:
        return {**super().environment(port), "DEBUG": "false"}


def test_h21_many_calls_leave_nothing_behind(installation: Installation) -> None:
    """What Python and its libraries take for the first hundred calls is taken once."""
    with running(InProduction(installation.folder, installation.providers_url), *SERVE) as server:
        server.wait_until_ready()
        asyncio.run(in_batches(server, WARM_UP_CALLS))
        before = held(server)
        asyncio.run(in_batches(server, SOAK_CALLS))
        after = held(server)
    grown_mib = after[0] - before[0]
    logger.info(
        "%d calls: (MiB, files, threads) %s became %s, %.1f KiB a call",
        *(SOAK_CALLS, before, after, grown_mib * 1_024 / SOAK_CALLS),
    )
    assert grown_mib < 10.0 + SOAK_CALLS / 1_024
    assert after[1] - before[1] <= 8 and after[2] - before[2] <= 8


async def in_batches(server: RunningServer, calls: int) -> None:
    for _ in range(calls // AT_ONCE):
        reports = await place(server, (Hear(0.3), HangUp()), AT_ONCE)
        failures = [report.failures for report in reports if not report.ok]
        assert failures == []
        while await metric(server, "live_calls") > 0:
            await asyncio.sleep(0.02)


@pytest.fixture
def desk(installation: Installation) -> Iterator[httpx2.Client]:
    """The browser of a superuser, at a process that serves the admin alone."""
    installation.manage("shell", "-c", NEW_BOSS)
    with running(installation, "manage.py", "serve", "--role", "web", "--port", "{port}") as web:
        while True:
            try:
                urlopen(f"{web.base_url}/healthz", timeout=2.0).close()
                break
            except OSError:
                assert web.process.poll() is None, web.log.read_text()
                time.sleep(0.1)
        with httpx2.Client(base_url=web.base_url, timeout=60.0) as browser:
            log_in(browser, BOSS, PASSWORD)
            yield browser


def test_h33_staff_who_export_are_not_heard_on_the_line(
    installation: Installation, desk: httpx2.Client
) -> None:
    exported = 0

    async def export_until(done: asyncio.Event) -> None:
        nonlocal exported
        while not done.is_set():
            answer = await asyncio.to_thread(desk.get, "/admin/calls/call/export.csv")
            assert answer.status_code == 200 and answer.text.count("\n") > 1
            exported += 1

    async def both(server: RunningServer) -> list[CallReport]:
        done = asyncio.Event()
        exporting = [asyncio.create_task(export_until(done)) for _ in range(4)]
        reports = await place(server, ANSWERED, 4)
        done.set()
        await asyncio.gather(*exporting)
        return reports

    voice_only = ("manage.py", "serve", "--role", "voice", "--port", "{port}")
    with running(installation, *voice_only) as voice:
        voice.wait_until_ready()
        assert httpx2.get(f"{voice.base_url}/admin/").status_code == 404
        asyncio.run(place(voice, (Hear(0.3), HangUp()), 2))
        reports = asyncio.run(both(voice))
    gaps = [report.longest_gap_in_speech_ms for report in reports]
    logger.info("%d exports beside %d calls: longest gaps %s ms", exported, len(reports), gaps)
    assert all(report.ok for report in reports), [report.failures for report in reports]
    assert exported >= 4
    assert max(gaps) <= 40.0
