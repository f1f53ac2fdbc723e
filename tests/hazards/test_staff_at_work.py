"""H33: staff who work while people call."""

import asyncio
import logging
import time
from collections.abc import Iterator
from urllib.request import urlopen

import httpx2
import pytest

from rehearsal.caller import CallReport, HangUp, Hear
from tests.hazards.calling import ANSWERED
from tests.hazards.servers import place
from tests.servers.running_server import Installation, RunningServer, running
from tests.servers.watched_server import log_in

logger = logging.getLogger(__name__)

BOSS, PASSWORD = "boss", "a long enough password"
NEW_BOSS = (
    "from django.contrib.auth.models import User;"
    f"User.objects.create_superuser({BOSS!r}, password={PASSWORD!r})"
)


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
    assert max(gaps) <= 100.0, "40 ms, and something for a busy machine"
