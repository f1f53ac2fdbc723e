"""Some calls at once on one server: what their callers saw, and what the server spent on them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load.callers import Callers
from benchmarks.load.probe import Told
from benchmarks.load.process_figures import used
from benchmarks.load.sides import MeasuredServer
from rehearsal.caller import CallReport, CallScript

LOOK_SECONDS = 1.0
SETTLED_SECONDS = 3.0  # what ends a call is its cost too; and the collector has been there


@dataclass(frozen=True, slots=True)
class Memory:
    """In MB: before the first call, the most while they went on, and when all were over."""

    before: float
    most: float
    after: float
    pss_before: float
    pss_most: float


@dataclass(frozen=True, slots=True)
class Phase:
    calls: tuple[CallReport, ...]
    told: Told  # of all of it: calls come and end
    told_steady: Told  # while nobody comes and nobody ends
    cpu_seconds: float
    memory: Memory

    @property
    def call_seconds(self) -> float:
        return sum(call.ended_ms for call in self.calls) / 1_000.0


def run(
    server: MeasuredServer,
    callers: Callers,
    scripts: Sequence[CallScript],
    steady: tuple[float, float],
) -> Phase:
    """`steady`: from when to when all calls are up, in seconds after the first ring."""
    before, began = used(server.pid), time.monotonic()
    callers.begin(server.target, scripts)
    looks = [before]
    while not callers.over(LOOK_SECONDS):
        looks.append(used(server.pid))
    calls = callers.reports().calls
    time.sleep(SETTLED_SECONDS)
    after = used(server.pid)
    return Phase(
        calls=calls,
        told=server.told(began, time.monotonic()),
        told_steady=server.told(began + steady[0], began + steady[1]),
        cpu_seconds=after.cpu_seconds - before.cpu_seconds,
        memory=Memory(
            before.rss_mb,
            max(look.rss_mb for look in looks),
            after.rss_mb,
            before.pss_mb,
            max(look.pss_mb for look in looks),
        ),
    )
