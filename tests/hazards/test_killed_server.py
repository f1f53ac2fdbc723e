"""H20: a server that is killed with calls on the line."""

import asyncio
import logging
import os
import signal
import sqlite3
import time

from rehearsal.caller import CallReport, WaitForHangup
from tests.hazards.numbers import calls
from tests.hazards.servers import SERVE, place
from tests.servers.running_server import Installation, RunningServer, running
from tests.servers.test_refusals import metric

logger = logging.getLogger(__name__)

KILLED_CALLS = calls(6, asked=10)
RECORDS_WITHIN_SECONDS = 60.0


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
