"""What does a call cost over a line that is never quiet? Both sides."""

from dataclasses import replace

from benchmarks.load import phase
from benchmarks.load.figures import Level, level
from benchmarks.load.one_level import WARMED_SECONDS, Place
from benchmarks.load.plan import FULL, WARM_UP, Plan, silent, talking
from benchmarks.load.sides import Side, running_side
from benchmarks.load.table import NAMES, number, percent
from benchmarks.page import write_section
from rehearsal.caller import CallScript, Conduct

CALLS = 5
PLAN: Plan = replace(FULL, rounds=1, silent_seconds=10.0)
# RMS below full scale: its peaks are some 12 dB louder. With the first no sample reaches the -50 dB
# above which nothing is spared.
LEVELS_DB = (-65.0, -45.0)


def run(place: Place) -> None:
    rows = [
        _row(side, level_db, _level(side, level_db, place))
        for level_db in LEVELS_DB
        for side in ("peer", "ours")
    ]
    section = report(rows)
    write_section("noise", section)
    place.say(section)


def _level(side: Side, level_db: float, place: Place) -> Level:
    with running_side(side, place.folder, place.providers_url) as server:
        phase.run(server, place.callers, [WARM_UP], (0.0, WARMED_SECONDS))
        quiet = phase.run(
            server,
            place.callers,
            [_over(silent(PLAN, caller), level_db) for caller in range(CALLS)],
            (0.0, PLAN.silent_seconds),
        )
        loud = phase.run(
            server,
            place.callers,
            [_over(talking(PLAN, caller), level_db) for caller in range(CALLS)],
            (PLAN.all_up(CALLS), PLAN.all_still_up()),
        )
    return level(loud, quiet, PLAN.lines, quiet.memory)


def _over(script: CallScript, level_db: float) -> CallScript:
    return replace(script, conduct=Conduct(noise_db=level_db))


def _row(side: Side, level_db: float, found: Level) -> str:
    cells = (
        f"{level_db:.0f} dB",
        NAMES[side],
        percent(found.cpu_silent),
        percent(found.cpu_talking),
        number(found.reply_p50_ms),
        number(found.unanswered),
    )
    return f"| {' | '.join(cells)} |"


def report(rows: list[str]) -> str:
    lines = "\n".join(rows)
    return f"""## Over a line that is never quiet

{CALLS} calls with white noise on the line, of so much below full scale (RMS), silent and talking.
The product spares work while no sample is above -50 dB; over a noisier line it cannot.

| noise of the line | | CPU silent | talking | reply p50 (ms) | unanswered |
|---|---|---|---|---|---|
{lines}
"""
