"""What does a silent call cost over a line that is never quiet? Both sides."""

from dataclasses import replace

from benchmarks.load import phase
from benchmarks.load.one_level import WARMED_SECONDS, Place
from benchmarks.load.plan import FULL, WARM_UP, silent
from benchmarks.load.sides import SIDES, Side, running_side
from benchmarks.load.table import NAMES, percent
from benchmarks.page import write_section
from rehearsal.caller import CallScript, Conduct

CALLS, SECONDS = 5, 10.0
# RMS below full scale: its peaks are some 12 dB louder. With the first no sample reaches the -50 dB
# above which nothing is spared.
LEVELS_DB = (-65.0, -45.0)


def run(place: Place) -> None:
    rows = [
        f"| {level_db:.0f} dB | {NAMES[side]} | {percent(_cpu(side, level_db, place))} |"
        for level_db in LEVELS_DB
        for side in SIDES
    ]
    section = report(rows)
    write_section("noise", section)
    place.say(section)


def _cpu(side: Side, level_db: float, place: Place) -> float:
    """Of a core, for each call: its set-up included."""
    with running_side(side, place.folder, place.providers_url) as server:
        phase.run(server, place.callers, [WARM_UP], (0.0, WARMED_SECONDS))
        scripts = [_silent(caller, level_db) for caller in range(CALLS)]
        found = phase.run(server, place.callers, scripts, (0.0, SECONDS))
    return found.cpu_seconds / found.call_seconds


def _silent(caller: int, level_db: float) -> CallScript:
    plan = replace(FULL, silent_seconds=SECONDS)
    return replace(silent(plan, caller), conduct=Conduct(noise_db=level_db))


def report(rows: list[str]) -> str:
    lines = "\n".join(rows)
    return f"""## Over a line that is never quiet

{CALLS} silent calls of {SECONDS:.0f} s, with white noise on the line of so much below full scale
(RMS). The product spares work while no sample is above -50 dB; over a noisier line it cannot.

| noise of the line | | CPU of a silent call |
|---|---|---|
{lines}
"""
