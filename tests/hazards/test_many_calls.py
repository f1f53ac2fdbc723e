"""H21: what a server holds after many calls."""

import asyncio
import logging
from pathlib import Path

from rehearsal.caller import HangUp, Hear
from tests.hazards.numbers import calls
from tests.hazards.servers import SERVE, place
from tests.servers.raw_http import memory_mib
from tests.servers.running_server import Installation, RunningServer, running
from tests.servers.test_refusals import metric

logger = logging.getLogger(__name__)

CALLS = calls(105, asked=5_010)  # a quarter of an hour
AT_ONCE, WARM_UP_CALLS = 15, 105


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
        asyncio.run(in_batches(server, CALLS))
        after = held(server)
    grown_mib = after[0] - before[0]
    logger.info(
        "%d calls: (MiB, files, threads) %s became %s, %.1f KiB a call",
        *(CALLS, before, after, grown_mib * 1_024 / CALLS),
    )
    assert grown_mib < 10.0 + CALLS / 1_024
    assert after[1] - before[1] <= 8 and after[2] - before[2] <= 8


async def in_batches(server: RunningServer, wanted: int) -> None:
    for _ in range(wanted // AT_ONCE):
        reports = await place(server, (Hear(0.3), HangUp()), AT_ONCE)
        failures = [report.failures for report in reports if not report.ok]
        assert failures == []
        while await metric(server, "live_calls") > 0:
            await asyncio.sleep(0.02)
