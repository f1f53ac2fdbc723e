"""Does what the server holds grow with the number of calls? Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import linear_regression
from typing import Any

# Connections that are kept alive and threads of pools come and go between two samples.
MOST_MORE = {"threads": 4, "files": 12, "tasks": 4}


@dataclass(frozen=True, slots=True)
class AtRest:
    """The server after so many calls, with none in progress."""

    calls: int
    held: Mapping[str, Any]  # served.py

    def __str__(self) -> str:
        told = ("memory_kib", "in_use_kib", "sqlite_kib", "objects", "threads", "files", "tasks")
        return f"{self.calls:6} calls  " + "  ".join(f"{it} {self.held[it]:>8,}" for it in told)


def slope(samples: Sequence[AtRest], of: str) -> float:
    """So much more with each call, by least squares."""
    calls = [sample.calls for sample in samples]
    return linear_regression(calls, [sample.held[of] for sample in samples]).slope


def complaints(samples: Sequence[AtRest], most_kib_a_call: float) -> list[str]:
    """What has grown more than it may."""
    found = []
    kib = slope(samples, "in_use_kib")
    if kib > most_kib_a_call:
        found.append(f"memory grows by {kib:.2f} KiB a call, of {most_kib_a_call:g}")
    first, last = samples[0].held, samples[-1].held
    for name, most in MOST_MORE.items():
        if last[name] > first[name] + most:
            found.append(f"{name} went from {first[name]} to {last[name]}: {last['task_names']}")
    return found


def grown_kinds(samples: Sequence[AtRest]) -> list[str]:
    """The kinds of objects of which there are more at the end, the most first: where to look."""
    first, last = samples[0].held["kinds"], samples[-1].held["kinds"]
    more = {kind: last[kind] - first.get(kind, 0) for kind in last}
    return [f"{kind} +{n}" for kind, n in sorted(more.items(), key=lambda it: -it[1])[:12] if n > 0]
