"""What is drawn? Lines over time and stacked bars, as places in an SVG of one size. Pure.

The size is that of a telephone's screen, so that letters stay readable there; on a desk two or
three pictures stand side by side and none is stretched much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calls.dashboard.scale import linear, logarithmic, spread

WIDTH, HEIGHT = 440.0, 230.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 434.0, 12.0, 204.0
ROOM_FOR_LETTERS = 36  # along the bottom, one blank between labels among them
GAP = 0.18  # between bars, of the room one has


@dataclass(frozen=True, slots=True)
class Label:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Series:
    """A value for each place along the bottom; None where there is none. `css` is its colour."""

    name: str
    css: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class Curve:
    css: str
    path: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    across: tuple[Label, ...]
    up: tuple[Label, ...]
    curves: tuple[Curve, ...] = ()
    limits: tuple[Label, ...] = ()
    bars: tuple[Bar, ...] = ()


def lines(
    labels: Sequence[str],
    series: Sequence[Series],
    limits: Sequence[Limit],
    written: Callable[[float], str],
    on_axis: Callable[[float], str],
) -> Picture:
    """On a logarithmic axis. A curve is broken where nothing was measured."""
    known = [value for one in series for value in one.values if value is not None]
    scale = logarithmic([*known, *(limit.value for limit in limits)], TOP, BOTTOM)
    room = (RIGHT - LEFT) / max(1, len(labels))
    curves = []
    for one in series:
        dots = [
            None
            if value is None
            else Dot(
                round(LEFT + (place + 0.5) * room, 1),
                scale.at(value),
                f"{labels[place]} · {one.name}: {written(value)}",
            )
            for place, value in enumerate(one.values)
        ]
        shown = tuple(dot for dot in dots if dot is not None)
        curves.append(Curve(one.css, _path(dots), shown))
    return Picture(
        across=_across(labels, room),
        up=tuple(Label(tick.at, on_axis(tick.value)) for tick in scale.ticks()),
        curves=tuple(curves),
        limits=tuple(Label(scale.at(limit.value), limit.name) for limit in limits),
    )


def _path(dots: Sequence[Dot | None]) -> str:
    path, pen_is_down = "", False
    for dot in dots:
        if dot is not None:
            path += f"{'L' if pen_is_down else 'M'}{dot.x},{dot.y}"
        pen_is_down = dot is not None
    return path


def bars(labels: Sequence[str], series: Sequence[Series]) -> Picture:
    """One on top of the other, in the order of the series."""
    sums = [sum(one.values[place] or 0 for one in series) for place in range(len(labels))]
    scale = linear(max(sums, default=0), TOP, BOTTOM)
    room = (RIGHT - LEFT) / max(1, len(labels))
    drawn = []
    for place, label in enumerate(labels):
        below = 0.0
        for one in series:
            value = one.values[place] or 0
            if value:
                y = scale.at(below + value)
                drawn.append(
                    Bar(
                        x=round(LEFT + (place + GAP / 2) * room, 1),
                        y=y,
                        width=round(room * (1 - GAP), 1),
                        height=round(scale.at(below) - y, 1),
                        css=one.css,
                        title=f"{label} · {one.name}: {value:g}",
                    )
                )
            below += value
    return Picture(
        across=_across(labels, room),
        up=tuple(Label(tick.at, f"{tick.value:g}") for tick in scale.ticks()),
        bars=tuple(drawn),
    )


def _across(labels: Sequence[str], room: float) -> tuple[Label, ...]:
    longest = max((len(label) for label in labels), default=0) + 1
    return tuple(
        Label(round(LEFT + (place + 0.5) * room, 1), labels[place])
        for place in spread(len(labels), ROOM_FOR_LETTERS // longest)
    )
