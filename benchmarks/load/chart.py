"""The curves as an SVG that is readable on light and on dark pages. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.load.figures import Level
from benchmarks.load.ratios import Levels

WIDE, HIGH = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 34, 34
STYLE = """text{font:12px system-ui,sans-serif;fill:#333}
.title{font-weight:600;font-size:13px}
.grid{stroke:#ccc;stroke-width:1}
.line{fill:none;stroke-width:2.5}
.peer{stroke:#b5551d;fill:#b5551d}.ours{stroke:#1c6fb8;fill:#1c6fb8}
.line.peer,.line.ours{fill:none}
text.peer,text.ours{stroke:none;font-weight:600}
@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#555}
.peer{stroke:#f0a070;fill:#f0a070}.ours{stroke:#74b9f5;fill:#74b9f5}}"""


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    figure: Callable[[Level], float | None]
    logarithmic: bool = False


PANELS = (
    Panel("first audio p50 (ms)", lambda it: it.first_audio_p50_ms, logarithmic=True),
    Panel("reply p95 (ms)", lambda it: it.reply_p95_ms),
    Panel("loop lag p99 (ms)", lambda it: it.loop_lag_p99_ms, logarithmic=True),
    Panel("memory of a call (MB)", lambda it: it.memory_per_call_mb),
)
Points = Sequence[tuple[int, float]]


def svg(peer: Levels, ours: Levels) -> str:
    panels = "".join(_panel(panel, place, peer, ours) for place, panel in enumerate(PANELS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDE} {2 * HIGH + 24}" '
        f'role="img" aria-label="Pipecat\'s flow and voiceagent over the number of calls">'
        f"<style>{STYLE}</style>"
        f'<text class="peer" x="{LEFT}" y="16">Pipecat\'s flow</text>'
        f'<text class="ours" x="{LEFT + 110}" y="16">voiceagent</text>'
        f"{panels}</svg>\n"
    )


def _panel(panel: Panel, place: int, peer: Levels, ours: Levels) -> str:
    sides = {"peer": _points(panel, peer), "ours": _points(panel, ours)}
    every = [point for points in sides.values() for point in points]
    if not every:
        return ""
    scale = _Scale(every, logarithmic=panel.logarithmic)
    drawn = [f'<text class="title" x="{LEFT}" y="{TOP - 14}">{panel.title}</text>']
    for value in scale.marks():
        y = scale.y(value)
        drawn.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>'
        )
    for calls in sorted({calls for calls, _ in every}):
        drawn.append(
            f'<text x="{scale.x(calls):.1f}" y="{HIGH - 12}" text-anchor="middle">{calls}</text>'
        )
    drawn += [_line(side, points, scale) for side, points in sides.items()]
    x, y = WIDE * (place % 2), 24 + HIGH * (place // 2)
    return f'<g transform="translate({x} {y})">{"".join(drawn)}</g>'


def _points(panel: Panel, levels: Levels) -> Points:
    values = [(calls, panel.figure(levels[calls])) for calls in sorted(levels)]
    least = 0.1 if panel.logarithmic else 0.0
    return [(calls, max(least, value)) for calls, value in values if value is not None]


def _line(side: str, points: Points, scale: "_Scale") -> str:
    places = [(scale.x(calls), scale.y(value)) for calls, value in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle class="{side}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places)
    return f'<polyline class="line {side}" points="{path}"/>{dots}'


class _Scale:
    """Calls side by side, evenly; values upwards, by their size or by their magnitude."""

    def __init__(self, points: Points, *, logarithmic: bool) -> None:
        self._calls = sorted({calls for calls, _ in points})
        self._logarithmic = logarithmic
        values = [value for _, value in points]
        if logarithmic:
            self._least = math.floor(math.log10(min(values)))
            self._most = max(self._least + 1, math.ceil(math.log10(max(values))))
        else:
            step = 10 ** math.floor(math.log10(max(*values, 1.0)))
            self._least, self._most = 0, step * math.ceil(max(*values, 1.0) / step)

    def x(self, calls: int) -> float:
        apart = (WIDE - LEFT - RIGHT - 20) / max(1, len(self._calls) - 1)
        return LEFT + 10 + apart * self._calls.index(calls)

    def y(self, value: float) -> float:
        size = math.log10(value) if self._logarithmic else value
        share = (size - self._least) / (self._most - self._least)
        return HIGH - BOTTOM - share * (HIGH - BOTTOM - TOP)

    def marks(self) -> list[float]:
        if self._logarithmic:
            return [10.0**power for power in range(self._least, self._most + 1)]
        return [self._most * share / 4 for share in range(5)]
