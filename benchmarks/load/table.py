"""The figures as a section of results.md: ratios first. Pure."""

from collections.abc import Callable

from benchmarks.load.figures import Level
from benchmarks.load.knee import holds, knee
from benchmarks.load.ratios import Levels, compare

NAMES = {"peer": "Pipecat's flow", "ours": "voiceagent"}
Column = tuple[str, Callable[[Level], str]]


def number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.1f} %"


FAST: tuple[Column, ...] = (
    ("first audio p50", lambda it: number(it.first_audio_p50_ms)),
    ("p99", lambda it: number(it.first_audio_p99_ms)),
    ("ready p50", lambda it: number(it.ready_p50_ms)),
    ("p99", lambda it: number(it.ready_p99_ms)),
    ("first answer", lambda it: number(it.first_answer_p50_ms)),
    ("reply p50", lambda it: number(it.reply_p50_ms)),
    ("p95", lambda it: number(it.reply_p95_ms)),
    ("barge-in p50", lambda it: number(it.barge_in_p50_ms)),
    ("p95", lambda it: number(it.barge_in_p95_ms)),
)
CHEAP: tuple[Column, ...] = (
    ("loop lag p99 (ms)", lambda it: number(it.loop_lag_p99_ms, 1)),
    ("with arrivals", lambda it: number(it.loop_lag_p99_with_arrivals_ms, 1)),
    ("heard gaps", lambda it: number(it.heard_gaps)),
    ("longest (ms)", lambda it: number(it.longest_gap_ms)),
    ("unanswered", lambda it: number(it.unanswered)),
    ("failed", lambda it: number(it.failures)),
    ("CPU silent", lambda it: percent(it.cpu_silent)),
    ("talking", lambda it: percent(it.cpu_talking)),
    ("MB a call", lambda it: number(it.memory_per_call_mb, 1)),
    ("kept", lambda it: number(it.memory_kept_per_call_mb, 1)),
    ("holds", lambda it: "yes" if holds(it) else "no"),
)


def section(peer: Levels, ours: Levels, chart: str | None, *, with_knee: bool = True) -> str:
    """`chart` is the picture's file, beside the page."""
    picture = f"\n![First audio, replies, lag and memory over the number of calls]({chart})\n"
    lags = [it.rig_lag_p99_ms for it in (*peer.values(), *ours.values())]
    return f"""## Under load, beside Pipecat's own Twilio flow

One process each, the same callers and offline providers, arrivals at 10 a second. Each caller hears
a greeting of 3 s, says a line every 10 s and interrupts the last reply. What is measured, and how:
[benchmarks.md](../docs/benchmarks.md).

{_ratios(peer, ours, with_knee)}
{picture if chart else ""}
How fast, in ms: first audio and ready from the stream's `start`; replies from the end of the
caller's line to their first sound; barge-in from the interruption's first sound to silence.

{_rows(peer, ours, FAST)}

What it costs: the share of a core and the memory of each call, set-up included; `kept` is what is
not given back. Loop lag while nobody comes and nobody ends, and of all of it. A heard gap cuts
words apart for more than 40 ms.

{_rows(peer, ours, CHEAP)}

The callers' own frames were late by {max(lags, default=0.0):.0f} ms at most (p99 of a middle call).
"""


def _ratios(peer: Levels, ours: Levels, with_knee: bool) -> str:
    found = compare(peer, ours, with_knee=with_knee)
    compared = (
        found.first_audio_10,
        found.cpu_silent,
        found.cpu_talking,
        found.memory_per_call,
        found.knee,
    )
    rows = "\n".join(
        f"| {it.what} | {number(it.ratio, 3)} | {number(it.ours, 1)} | {number(it.peer, 1)} |"
        for it in compared
    )
    none = (
        ""
        if knee(peer) or not with_knee
        else "\n\nPipecat's flow held none; its knee is taken for 1."
    )
    return f"| | ours ÷ peer | ours | peer |\n|---|---|---|---|\n{rows}{none}"


def _rows(peer: Levels, ours: Levels, columns: tuple[Column, ...]) -> str:
    head = " | ".join(name for name, _ in columns)
    lines = [f"| calls | | {head} |", f"|---|---{'|---' * len(columns)}|"]
    for calls in sorted({*peer, *ours}):
        for side, levels in (("peer", peer), ("ours", ours)):
            if calls in levels:
                cells = " | ".join(cell(levels[calls]) for _, cell in columns)
                lines.append(f"| {calls} | {NAMES[side]} | {cells} |")
    return "\n".join(lines)
