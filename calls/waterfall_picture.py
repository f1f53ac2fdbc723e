"""Where does each bar of a start-up go? Coordinates of an SVG, in its own units.

The axis is logarithmic but for its first milliseconds, so that a first audio after 2 ms and a reply
after 3 s are both seen.
"""

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _

from calls.durations import milliseconds
from calls.waterfall import Stage, Step

LINEAR_MS = 2.0  # up to about here the axis is linear: a logarithm has no zero
SHORTEST_AXIS_MS = 3_000.0
SLIVER = 2.0  # the least that is seen of a bar
TICKS = (
    (0.0, "0"),
    (10.0, "10 ms"),
    (100.0, "100 ms"),
    (1e3, "1 s"),
    (1e4, "10 s"),
    (1e5, "100 s"),
)


@dataclass(frozen=True, slots=True)
class Format:
    """A desk's picture has its labels beside the bars, a telephone's above them."""

    name: str
    width: int
    plot_left: int
    plot_right: int
    row: int
    bar_top: int  # below the top of its row
    text_base: int


DESK = Format("desk", width=960, plot_left=230, plot_right=770, row=26, bar_top=6, text_base=18)
PHONE = Format("phone", width=340, plot_left=2, plot_right=336, row=42, bar_top=22, text_base=15)
FORMATS = (DESK, PHONE)
BAR_HEIGHT = 14
TITLE_ROW = 34
AXIS_HEIGHT = 26


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: str
    tone: str  # within, over, or plain for what has no budget
    text_y: float
    y: float
    x: float
    width: float
    budget_x: float | None

    @property
    def budget_top(self) -> float:
        return self.y - 3

    @property
    def budget_bottom(self) -> float:
        return self.y + BAR_HEIGHT + 3


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    y: float


@dataclass(frozen=True, slots=True)
class Tick:
    label: str
    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Picture:
    format: Format
    height: float
    headings: tuple[Heading, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]

    @property
    def bar_height(self) -> int:
        return BAR_HEIGHT

    @property
    def axis_y(self) -> float:
        return self.height - 8

    @property
    def plot_bottom(self) -> float:
        return self.height - AXIS_HEIGHT


def picture(stages: tuple[Stage, ...], form: Format) -> Picture:
    """`stages` must have a step."""
    longest_ms = max(
        SHORTEST_AXIS_MS,
        *(
            max(step.to_ms, step.from_ms + (step.budget_ms or 0.0))
            for s in stages
            for step in s.steps
        ),
    )
    headings, bars, y = [], [], 0.0
    for stage in stages:
        text = _("%(stage)s – from %(zero)s") % {"stage": stage.title, "zero": stage.zero}
        headings.append(Heading(text, y + 22))
        y += TITLE_ROW
        for step in stage.steps:
            bars.append(_bar(step, form, y, longest_ms))
            y += form.row
    ticks = [
        Tick(label, _x(ms, form, longest_ms), "start" if ms == 0 else "middle")
        for ms, label in TICKS
        if ms <= longest_ms * 0.9
    ]
    return Picture(form, y + AXIS_HEIGHT, tuple(headings), tuple(bars), tuple(ticks))


def _bar(step: Step, form: Format, y: float, longest_ms: float) -> Bar:
    left, right = _x(step.from_ms, form, longest_ms), _x(step.to_ms, form, longest_ms)
    budget_x = None
    if step.budget_ms is not None:
        budget_x = _x(step.from_ms + step.budget_ms, form, longest_ms)
    return Bar(
        label=step.label,
        value=value_of(step),
        tone="plain" if step.budget_ms is None else "over" if step.over else "within",
        text_y=y + form.text_base,
        y=y + form.bar_top,
        x=round(min(left, form.plot_right - SLIVER), 1),
        width=round(max(right - left, SLIVER), 1),
        budget_x=None if budget_x is None else round(budget_x, 1),
    )


def value_of(step: Step) -> str:
    took = milliseconds(step.ms)
    if step.budget_ms is None:
        return took
    words = _("%(took)s, over %(budget)s") if step.over else _("%(took)s of %(budget)s")
    return words % {"took": took, "budget": f"{step.budget_ms:.0f} ms"}


def _x(ms: float, form: Format, longest_ms: float) -> float:
    share = math.log1p(max(ms, 0.0) / LINEAR_MS) / math.log1p(longest_ms / LINEAR_MS)
    return form.plot_left + min(share, 1.0) * (form.plot_right - form.plot_left)
