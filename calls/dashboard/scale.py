"""Where on an axis does a value lie, and which values are written beside it? Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

POWERS = tuple(10.0**power for power in range(-1, 8))
STEPS = tuple(float(f"{n * power:g}") for power in POWERS for n in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Logarithmic:
    """From `low` at the bottom to `high` at the top: 2 ms and 2 s share a picture."""

    low: float
    high: float
    top: float
    bottom: float

    def at(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def ticks(self) -> tuple[Tick, ...]:
        every = [value for value in STEPS if self.low <= value <= self.high]
        # At most seven: of a wider range, the powers of ten.
        shown = every if len(every) <= 7 else [value for value in every if value in POWERS]
        return tuple(Tick(self.at(value), value) for value in shown)


def logarithmic(values: Sequence[float], top: float, bottom: float) -> Logarithmic:
    """Between two of 1, 2, 5, 10, 20, … around the values, at least a tenfold apart."""
    least, most = min(values, default=1.0), max(values, default=10.0)
    low = max((step for step in STEPS if step <= least), default=STEPS[0])
    high = min((step for step in STEPS if step >= max(most, low * 10)), default=STEPS[-1])
    return Logarithmic(low, high, top, bottom)


@dataclass(frozen=True, slots=True)
class Linear:
    """From 0 at the bottom to `high` at the top."""

    high: float
    step: float
    top: float
    bottom: float

    def at(self, value: float) -> float:
        return round(self.bottom - value / self.high * (self.bottom - self.top), 1)

    def ticks(self) -> tuple[Tick, ...]:
        count = round(self.high / self.step)
        return tuple(Tick(self.at(n * self.step), n * self.step) for n in range(count + 1))


def linear(most: float, top: float, bottom: float) -> Linear:
    """In whole steps, five at most: what is counted has no halves."""
    rough = max(most, 1.0) / 4
    power = 10.0 ** math.floor(math.log10(rough)) if rough >= 1 else 1.0
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= rough or n == 10)
    return Linear(math.ceil(max(most, 1.0) / step) * step, step, top, bottom)


def spread(count: int, at_most: int) -> tuple[int, ...]:
    """Which of `count` places get a label."""
    every = max(1, math.ceil(count / at_most))
    return tuple(range(0, count, every))
