"""Both servers are restarted while twenty people call, again and again: nobody notices."""

import asyncio
import itertools
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.caller import (
    CallReport,
    CallScript,
    HangUp,
    Hear,
    Pause,
    SimulatedCaller,
    Speak,
    WaitForAgent,
    WaitForHangup,
)
from tests.cluster.rolling_site import Restart, RollingSite, rolling_site
from tests.prerequisites import need_nginx, need_postgres_and_redis

logger = logging.getLogger(__name__)

CALLERS = 20
BEGIN_SECONDS = 0.4  # one caller after the other, so that they are in different phases
STANDSTILL_SECONDS = 4.0  # after 5 s without a word a line is given up, as it should be
PATIENT = 60.0  # on a busy machine
ANSWERED = WaitForAgent("finished", PATIENT, silence_ms=1_200)
SCRIPTS = (
    CallScript(
        "asks",
        (ANSWERED, Speak("ask-hours"), ANSWERED, Speak("goodbye"), WaitForHangup(PATIENT)),
        limit_seconds=180.0,
    ),
    CallScript(
        "interrupts",
        (Hear(1.0), Speak("hello-question"), ANSWERED, Speak("goodbye"), WaitForHangup(PATIENT)),
        limit_seconds=180.0,
    ),
    CallScript("hangs up in the greeting", (Pause(2_000), HangUp())),
    CallScript("listens", (ANSWERED, HangUp()), limit_seconds=180.0),
)
# Who ends it, as the record has it, and as the caller has. When we hang up, the order over REST may
# come to this simulated Twilio later than the closed socket: it had 5 s for that, and on a machine
# that does three times what it can, it has needed more.
ENDINGS = {
    "asks": "agent",
    "interrupts": "agent",
    "hangs up in the greeting": "caller",
    "listens": "caller",
}
AS_THE_CALLER_HAS_IT = {"agent": {"server-rest", "server-socket"}, "caller": {"caller"}}


@dataclass
class Crowd:
    """Callers who call again as soon as a call is over."""

    site: RollingSite
    reports: list[CallReport] = field(default_factory=list)
    enough: bool = False

    async def call_all_the_while(self) -> list[Restart]:
        async with asyncio.TaskGroup() as group:
            for number in range(CALLERS):
                group.create_task(self._call_again_and_again(number))
            await asyncio.sleep(CALLERS * BEGIN_SECONDS + 2.0)
            restarts = [await asyncio.to_thread(unit.restart) for unit in self.site.units]
            self.enough = True
        return restarts

    async def _call_again_and_again(self, number: int) -> None:
        await asyncio.sleep(number * BEGIN_SECONDS)
        telephone = SimulatedCaller(self.site.target)
        for script in itertools.islice(itertools.cycle(SCRIPTS), number % len(SCRIPTS), None):
            if self.enough:
                return
            self.reports.append(await telephone.call(script))


def test_every_call_ends_as_it_was_meant_to(tmp_path: Path) -> None:
    need_postgres_and_redis()
    need_nginx()
    with rolling_site(tmp_path) as site:
        crowd = Crowd(site)
        restarts = asyncio.run(crowd.call_all_the_while())
        wrong = [wrong_with(report) for report in crowd.reports if wrong_with(report)]
        tell(site, crowd.reports, restarts, wrong)
        late_seconds = max(report.schedule.max_lag_ms for report in crowd.reports) / 1000.0
        assert late_seconds < STANDSTILL_SECONDS, (
            f"The callers stood still for {late_seconds:.0f} s themselves: too busy a machine."
        )
        assert wrong == [], f"the stand-ins were late with {site.late_answers()} answers"
        assert all(status < 500 for status in site.nginx.statuses()), site.nginx.statuses()
        records_are_right(site, crowd.reports)
    for restart in restarts:
        assert restart.exit_code == 0
        assert restart.calls_on_the_line > 0, "there was nothing to drain"
    assert sent_elsewhere(site) > 0, "no call came to a server that was about to stop"


def wrong_with(report: CallReport) -> str:
    """What this call's caller noticed; empty for nothing."""
    found = list(report.failures)
    if report.ended_by not in AS_THE_CALLER_HAS_IT[ENDINGS[report.script]]:
        found.append(f"ended by {report.ended_by}")
    if report.fallback or len(report.streams) != 1:
        found.append(f"{report.fallback} {len(report.streams)} streams")
    if not found:
        return ""
    return f"{report.call_sid} {report.script} after {report.ended_ms:.0f} ms: {'; '.join(found)}"


def records_are_right(site: RollingSite, reports: list[CallReport]) -> None:
    expected = {it.call_sid: ("completed", ENDINGS[it.script]) for it in reports}
    deadline = time.monotonic() + 15.0
    while (found := site.records()) != expected and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found == expected


def sent_elsewhere(site: RollingSite) -> int:
    """Requests that one server refused or did not take, and the other one answered."""
    return sum(len(it.tried) > 1 for it in site.nginx.answered())


def tell(
    site: RollingSite, reports: list[CallReport], restarts: list[Restart], wrong: list[str]
) -> None:
    logger.info(
        "%d calls, %d at a time; %d not as meant; %d requests went to the other server; %s",
        len(reports),
        CALLERS,
        len(wrong),
        sent_elsewhere(site),
        dict(site.nginx.statuses()),
    )
    for sentence in wrong:
        logger.info("Not as meant: %s", sentence)
    late_ms = sorted(report.schedule.max_lag_ms for report in reports)
    logger.info(
        "The callers themselves were late by up to %.0f ms in one call, %.0f ms in half of them",
        late_ms[-1],
        late_ms[len(late_ms) // 2],
    )
    for restart in restarts:
        logger.info(
            "A server with %d calls on the line: exit %d after %.1f s, ready again after %.1f s",
            restart.calls_on_the_line,
            restart.exit_code,
            restart.drained_seconds,
            restart.ready_seconds,
        )
