"""What each optimisation of the product is worth: the product without it, beside all of it."""

from dataclasses import dataclass

from benchmarks.load.figures import Level
from benchmarks.load.one_level import Measured, Place, measure
from benchmarks.load.plan import Plan
from benchmarks.load.table import number
from benchmarks.load.without import OPTIMISATIONS
from benchmarks.page import write_section
from benchmarks.provider_process import slow_down

CALLS = 10
PLAN = Plan((CALLS,), rounds=0, silent_levels=(CALLS,), silent_seconds=5.0)
DIRECTORY_MS = 150.0  # customers are looked up elsewhere, or nothing could be done beside it
NOISE = "(all of it, again)"


@dataclass(frozen=True, slots=True)
class Row:
    """`first_call_ms`: the first audio of the process's very first call."""

    name: str
    what: str
    first_call_ms: float | None
    level: Level


def run(place: Place, only: str) -> None:
    """Writes the page when every one was measured."""
    slow_down(place.providers_url, {"supabase_ms": DIRECTORY_MS})
    wanted = only.split(",")
    chosen = [it for it in OPTIMISATIONS if any(name in it.name for name in wanted)]
    rows = [_row("", "everything on", {}, place)]
    for one in chosen:
        rows.append(_row(one.name, one.what, {"WITHOUT": one.name, **one.settings}, place))
    rows.append(_row(NOISE, "how far two runs of the same differ", {}, place))
    section = report(rows)
    if len(chosen) == len(OPTIMISATIONS):
        write_section("ablations", section)
    place.say(section)


def _row(name: str, what: str, further: dict[str, str], place: Place) -> Row:
    directory = {"SUPABASE_URL": place.providers_url, "SUPABASE_KEY": "a-key"}
    found: Measured = measure("ours", (CALLS,), PLAN, place, {**directory, **further})
    row = Row(name, what, found.first_call.first_audio_ms, found.levels[0])
    place.say(f"without {name or 'nothing'}: {row}")
    return row


def report(rows: list[Row]) -> str:
    """Pure. The first row is what the others are divided by."""
    everything = rows[0]
    lines = [_line(everything)]
    lines += [_line(row, everything) for row in rows[1:]]
    table = "\n".join(lines)
    return f"""## What each optimisation is worth

The product without it, divided by all of it: {CALLS} calls that arrive in a second: first silent
ones, then as many that talk. Above 1 it helps. The first row has the figures themselves (ms, % of
a core, MB). The customer directory takes {DIRECTORY_MS:.0f} ms. What the last row differs from 1 is
noise.

| without | what it does | first call's first audio | first audio p50 | ready p50 | reply p50 \
| CPU, silent | CPU, talking | loop lag p99, arrivals too | memory a call |
|---|---|---|---|---|---|---|---|---|---|
{table}
"""


def _line(row: Row, everything: Row | None = None) -> str:
    usual = _figures(everything) if everything else (None,) * 8
    cells = (
        number(value, 1) if everything is None else _ratio(value, by)
        for value, by in zip(_figures(row), usual, strict=True)
    )
    return f"| {row.name or 'nothing'} | {row.what} | {' | '.join(cells)} |"


def _figures(row: Row) -> tuple[float | None, ...]:
    level = row.level
    return (
        row.first_call_ms,
        level.first_audio_p50_ms,
        level.ready_p50_ms,
        level.reply_p50_ms,
        None if level.cpu_silent is None else 100.0 * level.cpu_silent,
        100.0 * level.cpu_talking,
        level.loop_lag_p99_with_arrivals_ms,
        level.memory_per_call_mb,
    )


def _ratio(value: float | None, by: float | None) -> str:
    return "–" if value is None or not by else f"{value / by:.2f}"
