"""What a silent call costs at least: servers that do nothing with it, beside the product."""

from benchmarks.load import phase
from benchmarks.load.one_level import WARMED_SECONDS, Place
from benchmarks.load.phase import Phase
from benchmarks.load.plan import FULL, silent
from benchmarks.load.sides import Side, running_side
from benchmarks.page import write_section

CALLS, SECONDS = 10, 20.0
FLOORS: tuple[tuple[Side, str], ...] = (
    ("asgi", "a bare ASGI socket under uvicorn: 50 messages a second, read as JSON"),
    ("channels", "a bare Channels consumer under uvicorn, by Channels' own dispatch"),
    ("pipecat", "Pipecat's transport under uvicorn, and no service between its ends"),
    ("ours", "voiceagent, with all that a call has"),
    ("peer", "Pipecat's published flow, with all that a call has"),
)


def run(place: Place) -> None:
    rows = []
    for side, what in FLOORS:
        found = _silent(side, place)
        share = 100.0 * found.cpu_seconds / found.call_seconds
        memory = (found.memory.most - found.memory.before) / CALLS
        rows.append(f"| {what} | {share:.2f} % | {memory:.2f} |")
        place.say(rows[-1])
    section = report(rows)
    write_section("floors", section)
    place.say(section)


def _silent(side: Side, place: Place) -> Phase:
    """A first call warms the process, and counts for nothing."""
    scripts = [silent(FULL, number) for number in range(CALLS)]
    with running_side(side, place.folder, place.providers_url) as server:
        phase.run(server, place.callers, scripts[:1], (0.0, WARMED_SECONDS))
        return phase.run(server, place.callers, scripts, (0.0, SECONDS))


def report(rows: list[str]) -> str:
    lines = "\n".join(rows)
    return f"""## Where the floor is

{CALLS} calls of {SECONDS:.0f} s at once in which nobody speaks, set-up and goodbye included, in one
process that has answered a call before.

| | CPU of a call (of a core) | MB a call |
|---|---|---|
{lines}
"""
