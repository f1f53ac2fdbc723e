"""The same product under each server it could run on: Daphne, Daphne on uvloop, uvicorn."""

from collections.abc import Callable

from benchmarks.load.figures import Level
from benchmarks.load.one_level import Place, measure
from benchmarks.load.plan import Plan
from benchmarks.load.table import number, percent
from benchmarks.page import write_section

CALLS = (10,)
PLAN = Plan(CALLS, rounds=1, silent_levels=CALLS, silent_seconds=20.0)
SERVERS = {
    "daphne": "Daphne, asyncio's loop",
    "daphne-uvloop": "Daphne, uvloop",
    "uvicorn": "uvicorn, uvloop",
}
COLUMNS: tuple[tuple[str, Callable[[Level], str]], ...] = (
    ("first audio p50 (ms)", lambda it: number(it.first_audio_p50_ms, 1)),
    ("p99", lambda it: number(it.first_audio_p99_ms, 1)),
    ("ready p50", lambda it: number(it.ready_p50_ms, 1)),
    ("reply p50", lambda it: number(it.reply_p50_ms)),
    ("p95", lambda it: number(it.reply_p95_ms)),
    ("CPU silent", lambda it: percent(it.cpu_silent)),
    ("talking", lambda it: percent(it.cpu_talking)),
    ("loop lag p99 (ms)", lambda it: number(it.loop_lag_p99_ms, 1)),
    ("MB a call", lambda it: number(it.memory_per_call_mb, 1)),
)


def run(place: Place) -> None:
    """Writes the page. They take turns, level by level."""
    rows = []
    for calls in CALLS:
        for server, name in SERVERS.items():
            (level,) = measure("ours", (calls,), PLAN, place, {"SERVER": server}).levels
            place.say(f"{name}: {level}")
            rows.append(f"| {calls} | {name} | {' | '.join(cell(level) for _, cell in COLUMNS)} |")
    section = report(rows)
    write_section("servers", section)
    place.say(section)


def report(rows: list[str]) -> str:
    head = " | ".join(name for name, _ in COLUMNS)
    lines = [f"| calls | server | {head} |", f"|---|---{'|---' * len(COLUMNS)}|", *rows]
    return "## Which server\n\n" + "\n".join(lines) + "\n"
