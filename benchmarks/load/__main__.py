"""`python -m benchmarks.load [--quick]`: both sides in turn, level by level; see the package."""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.load import (
    ablations,
    chart,
    floors,
    handshakes,
    noise,
    ratios,
    servers,
    sides,
    start_up,
    table,
)
from benchmarks.load.callers import calling
from benchmarks.load.figures import Level
from benchmarks.load.knee import holds, next_level
from benchmarks.load.one_level import Place, measure
from benchmarks.load.plan import FULL, QUICK, Plan
from benchmarks.load.sides import SIDES, Side
from benchmarks.page import PAGE, write_section
from benchmarks.provider_process import running_providers

JSON_FILE, CHART_FILE = PAGE.with_suffix(".json"), PAGE.with_suffix(".svg")
Found = dict[Side, dict[int, Level]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes; writes no page")
    parser.add_argument("--ablations", action="store_true", help="each optimisation left out")
    parser.add_argument("--servers", action="store_true", help="each server it could run on")
    parser.add_argument("--floors", action="store_true", help="servers that do nothing")
    parser.add_argument("--start-up", action="store_true", help="from nothing to ready")
    parser.add_argument("--noise", action="store_true", help="lines that are never quiet")
    parser.add_argument("--handshakes", action="store_true", help="vendors that are far away")
    parser.add_argument("--only", default="", help="of the ablations, these: 'a,b'")
    parser.add_argument("--levels", default="", help="such as 1,2; writes no page")
    options = parser.parse_args()
    # Who ends a run ends what it has started: servers left behind would spoil the next one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    with _place() as place:
        if options.ablations:
            ablations.run(place, options.only)
        elif options.servers:
            servers.run(place)
        elif options.floors:
            floors.run(place)
        elif options.handshakes:
            handshakes.run(place)
        elif options.noise:
            noise.run(place)
        elif options.start_up:
            start_up.run(place)
        else:
            _compare(place, options)
    say(f"{time.monotonic() - began:.0f} s")
    return 0


@contextmanager
def _place() -> Iterator[Place]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_providers() as providers_url,
        calling() as callers,
    ):
        sides.set_up(Path(folder), providers_url)
        yield Place(Path(folder), providers_url, callers, say)


def _compare(place: Place, options: argparse.Namespace) -> None:
    plan = QUICK if options.quick else FULL
    if options.levels:
        levels = tuple(int(calls) for calls in options.levels.split(","))
        plan = replace(plan, levels=levels, silent_levels=levels, further_levels=0)
    found = measured(plan, place)
    keeps = plan is FULL
    section = table.section(
        found["peer"],
        found["ours"],
        CHART_FILE.name if keeps else None,
        with_knee=plan.further_levels > 0,
    )
    if keeps:
        write_section("load", section)
        CHART_FILE.write_text(chart.svg(found["peer"], found["ours"]))
        document = ratios.document(found["peer"], found["ours"])
        JSON_FILE.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(section)


def measured(plan: Plan, place: Place) -> Found:
    """The sides take turns, level by level: what the machine does beside it, it does to both."""
    found: Found = {"peer": {}, "ours": {}}
    if not plan.fresh:
        for side in SIDES:
            _keep(found, side, plan.levels, plan, place)
        return found
    for calls in plan.levels:
        for side in SIDES:
            _keep(found, side, (calls,), plan, place)
    for side in SIDES:
        for _ in range(plan.further_levels):
            further = next_level(found[side])
            if further is not None:
                _keep(found, side, (further,), plan, place)
    return found


def _keep(found: Found, side: Side, levels: tuple[int, ...], plan: Plan, place: Place) -> None:
    for level in measure(side, levels, plan, place).levels:
        found[side][level.calls] = level
        figures = ", ".join(
            f"{name} {table.number(value, 3)}" for name, value in asdict(level).items()
        )
        say(f"{side}: {figures}{'' if holds(level) else ': DOES NOT HOLD'}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
