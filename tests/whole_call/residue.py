"""What may be left of the calls of a test: nothing. Asked after every one of them."""

import asyncio
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calls.call_log import call_log
from calls.happenings import CallOver, Happening
from calls.live import live_calls
from calls.models import OVER, Call
from rehearsal.providers.wire_log import WireLog

# The pools of two event loops grow to their size in the course of many tests, kept-alive
# connections and databases with them. Measured over all whole-call tests on two cores: 13 threads
# and 24 files more than at the beginning.
THREADS_OF_POOLS = 8 + 2 * min(32, (os.cpu_count() or 1) + 4)
FILES_OF_POOLS = 24 + THREADS_OF_POOLS
DESCRIPTORS = Path("/dev/fd")


@dataclass(frozen=True, slots=True)
class Held:
    """What this process holds."""

    threads: int
    files: int

    @classmethod
    def now(cls) -> "Held":
        return cls(threading.active_count(), len(list(DESCRIPTORS.iterdir())))

    def is_little_more_than(self, before: "Held") -> bool:
        return (
            self.threads <= before.threads + THREADS_OF_POOLS
            and self.files <= before.files + FILES_OF_POOLS
        )


class Endings:
    """How often each call was said to be over, by the session that carried it."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        call_log.listen(self._hear)

    def _hear(self, happening: Happening) -> None:
        if isinstance(happening, CallOver):
            self.of[happening.call_sid] += 1


def until(holds: Callable[[], bool], seconds: float, complaint: Callable[[], str]) -> None:
    """The first look costs nothing; only what is wrong is waited for."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(complaint())
        time.sleep(0.02)


def no_call_is_live() -> bool:
    return len(live_calls) == 0 and not live_calls._tasks


async def tasks_of_calls() -> list[str]:
    """The names of what runs in the server's loop and is not the server's own."""
    return [
        f"{task.get_name()} {task.get_coro()}"
        for task in asyncio.all_tasks()
        if task is not asyncio.current_task() and not _is_the_servers_own(task)
    ]


def _is_the_servers_own(task: "asyncio.Task[Any]") -> bool:
    """uvicorn's main loop and kept-alive HTTP connections outlive every call."""
    name = getattr(task.get_coro(), "__qualname__", "")
    return name.startswith(("Server.", "H11Protocol.", "HttpToolsProtocol.", "tasks_of_calls"))


def calls_without_an_end(rang: set[str]) -> list[str]:
    """Of the calls that rang, those without exactly one record, or one that says it is over."""
    rows = Counter(
        Call.objects.filter(call_sid__in=rang, status__in=OVER, ended_at__isnull=False).values_list(
            "call_sid", flat=True
        )
    )
    return sorted(call_sid for call_sid in rang if rows[call_sid] != 1)


def hung_up_more_than_once(log: WireLog) -> list[str]:
    """Calls that Twilio's REST API was asked to end again and again."""
    asked = Counter(
        entry.path.rpartition("/")[2].removesuffix(".json")
        for entry in log.entries("twilio", "request")
        if isinstance(entry.body, dict) and entry.body.get("Status") == "completed"
    )
    return sorted(call_sid for call_sid, times in asked.items() if times > 1)
