"""What is counted, what it may cost, and what callgrind wrote of it."""

import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

CALLS = 4
FRAMES = 100  # of 20 ms, silent ones and as many in which the caller speaks
WEBHOOK, SET_UP, READING, SILENT, TALKING = "webhook", "set-up", "reading", "silent", "talking"
NOTHING = "nothing"  # what starting and ending a count costs: it is in each of the others
PARTS = {
    WEBHOOK: "the webhook: POST /incoming-call to its TwiML",
    SET_UP: "a call's set-up: `start` to the greeting on its way and the agent ready",
    READING: "a media frame of 20 ms, from Daphne's socket to its queue",
    SILENT: "a media frame in which nobody speaks, from the queue on",
    TALKING: "a media frame in which the caller speaks, from the queue on",
}
OF_SO_MANY = {READING: FRAMES, SILENT: FRAMES, TALKING: FRAMES}
SLACK = 1.10
Counting = Callable[[str], AbstractContextManager[None]]
EVENT_LOOP = "-01"  # the first thread: others write rows, look up callers, and are not counted
STORED = Path(__file__).with_name("stored.json")
TRIGGER = re.compile(r"^desc: Trigger: .*?(\S+)$", re.M)
TOTALS = re.compile(r"^totals: (\d+)", re.M)


@dataclass(frozen=True, slots=True)
class Count:
    """Thousands of instructions for one of them, and what is stored of it (None: nothing yet)."""

    part: str
    thousands: float
    stored: float | None

    @property
    def is_too_much(self) -> bool:
        return self.stored is not None and self.thousands > self.stored * SLACK

    @property
    def is_much_less(self) -> bool:
        """Then the stored figure would let as much come back unseen."""
        return self.stored is not None and self.thousands * SLACK < self.stored


def python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def counted(folder: Path) -> dict[str, float]:
    """Thousands of instructions of each part, in the call that had the least done beside it."""
    found: dict[str, list[float]] = {part: [] for part in (NOTHING, *PARTS)}
    for file in folder.glob(f"callgrind.out.*{EVENT_LOOP}"):
        text = file.read_text(errors="replace")
        trigger, totals = TRIGGER.search(text), TOTALS.search(text)
        if trigger and totals and trigger[1] in found:
            found[trigger[1]].append(int(totals[1]) / 1_000.0)
    nothing = min(found.pop(NOTHING), default=0.0)
    least = {part: min(values) - nothing for part, values in found.items() if values}
    return {part: all_of_it / OF_SO_MANY.get(part, 1) for part, all_of_it in least.items()}
