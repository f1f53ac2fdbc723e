"""The callers in a process of their own: what they cost is on nobody's account."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from benchmarks.load.plan import ARRIVALS_A_SECOND
from rehearsal.caller import CallScript, Target
from rehearsal.caller.crowd import CrowdReport, rehearse


class Callers:
    """One wave of calls at a time."""

    def __init__(self, process: Connection) -> None:
        self._process = process

    def begin(self, target: Target, scripts: Sequence[CallScript]) -> None:
        self._process.send((target, tuple(scripts)))

    def over(self, within_seconds: float) -> bool:
        """Whether all calls are. EOFError later on says that the process is gone."""
        return self._process.poll(within_seconds)

    def reports(self) -> CrowdReport:
        """Waits for the end of all calls."""
        found: CrowdReport = self._process.recv()
        return found


@contextmanager
def calling() -> Iterator[Callers]:
    """A run that is ended early does not wait for goodbyes: the process is killed."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        ours.recv()  # Everything is imported before anybody is called.
        yield Callers(ours)
    finally:
        process.kill()
        process.join()


def _serve(asked: Connection) -> None:
    asked.send(None)
    while True:
        target, scripts = asked.recv()
        within = len(scripts) / ARRIVALS_A_SECOND
        asked.send(asyncio.run(rehearse(target, scripts, within_seconds=within)))
