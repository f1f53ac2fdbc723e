"""One side with so many calls: a process, one call to warm it, silent calls, talking calls."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import phase
from benchmarks.load.callers import Callers
from benchmarks.load.figures import Level, level
from benchmarks.load.plan import WARM_UP, Plan, silent, talking
from benchmarks.load.sides import MeasuredServer, Side, running_side
from rehearsal.caller import CallReport

WARMED_SECONDS = 1.0


@dataclass(frozen=True)
class Place:
    """What all measurements of a run share."""

    folder: Path
    providers_url: str
    callers: Callers
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: its first call, which warms it, and then so many at once."""

    first_call: CallReport
    levels: tuple[Level, ...]


def measure(
    side: Side,
    levels: Sequence[int],
    plan: Plan,
    place: Place,
    further: Mapping[str, str] | None = None,
) -> Measured:
    """`further` goes into the environment of the process."""
    with running_side(side, place.folder, place.providers_url, further) as server:
        place.callers.begin(server.target, [WARM_UP])
        warmed = place.callers.reports().calls[0]
        time.sleep(WARMED_SECONDS)
        return Measured(warmed, tuple(_level(side, server, calls, plan, place) for calls in levels))


def _level(side: Side, server: MeasuredServer, calls: int, plan: Plan, place: Place) -> Level:
    quiet = None
    if calls in plan.silent_levels:
        scripts = [silent(plan, number) for number in range(calls)]
        quiet = phase.run(server, place.callers, scripts, (0.0, plan.silent_seconds))
    scripts = [talking(plan, number) for number in range(calls)]
    steady = (plan.all_up(calls), plan.all_still_up())
    loud = phase.run(server, place.callers, scripts, steady)
    failed = [it.failures[0] for run in (quiet, loud) if run for it in run.calls if not it.ok]
    for failure in sorted(set(failed)):
        place.say(f"  {side}, {calls} calls: {failed.count(failure)} times: {failure}")
    return level(loud, quiet, plan.lines, (quiet or loud).memory)
