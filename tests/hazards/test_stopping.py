"""H18, H19: the end of a call on a database that hangs, and of a server with calls on the line."""

import asyncio
import logging
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rehearsal.caller import HangUp, Hear, Pause, Speak, WaitForHangup
from tests.hazards.calling import HEARD
from tests.hazards.numbers import calls
from tests.hazards.servers import place
from tests.servers.running_server import Installation, RunningServer
from tests.servers.test_drain import page, patient, post, stop, wait_until

logger = logging.getLogger(__name__)

HANGS_SECONDS = 12.0  # Daphne's own patience with an application that ends is 10 s
TALKING = calls(5, asked=20)


@pytest.fixture
def server(installation: Installation) -> Iterator[RunningServer]:
    with patient(installation) as running:
        yield running


@contextmanager
def locked(installation: Installation) -> Iterator[None]:
    """Nobody else can write to the database."""
    database = sqlite3.connect(installation.folder / "db.sqlite3", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
        database.close()


def test_h18_a_call_that_ends_while_the_database_hangs_is_recorded_once(
    installation: Installation, server: RunningServer
) -> None:
    steps = (HEARD, Speak("ask-hours"), Hear(0.5), HangUp())
    with locked(installation):
        (report,) = asyncio.run(place(server, steps, 1))
        ended_at = time.monotonic()
        time.sleep(HANGS_SECONDS)
    wait_until(lambda: rows(installation, report.call_sid) == [("caller",)])
    written_after = time.monotonic() - ended_at - HANGS_SECONDS
    record = installation.record(report.call_sid)
    logger.info("hung for %.0f s, whole %.1f s later", HANGS_SECONDS, written_after)
    assert report.ok, report.failures
    assert (record["status"], record["ended_by"]) == ("completed", "caller")
    speakers = [line["speaker"] for line in record["transcript"]]
    assert speakers == ["agent", "caller", "agent"]


def test_h19_a_server_that_is_told_to_stop_cuts_nobody_off(
    installation: Installation, server: RunningServer
) -> None:
    steps = (HEARD, Speak("ask-hours"), HEARD, Pause(500), Speak("goodbye"), WaitForHangup())
    reports = []
    calling = threading.Thread(
        target=lambda: reports.extend(asyncio.run(place(server, steps, TALKING)))
    )
    calling.start()
    wait_until(lambda: f"live_calls {TALKING}.0" in page(server, "/metrics")[1])
    stop(server, signal.SIGTERM)
    assert post(server, "/incoming-call").status_code == 503, "a new call goes elsewhere"
    calling.join(60.0)
    stopped_at = time.monotonic()
    assert [report.failures for report in reports] == [()] * TALKING
    assert server.process.wait(15.0) == 0
    logger.info("%d calls to their end, gone %.1f s later", TALKING, time.monotonic() - stopped_at)
    for report in reports:
        assert report.goodbye_heard and report.close_code != 1006
        assert rows(installation, report.call_sid) == [("agent",)]


def rows(installation: Installation, call_sid: str) -> list[tuple[str]]:
    with sqlite3.connect(installation.folder / "db.sqlite3") as database:
        asked = "SELECT ended_by FROM calls_call WHERE call_sid = ?"
        return database.execute(asked, [call_sid]).fetchall()
