"""The callers in a process of their own: what they cost is on nobody's account."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from benchmarks.load.plan import ARRIVALS_A_SECOND
from rehearsal.caller import CallScript, Target
from rehearsal.caller.crowd import CrowdReport, rehearse


class Callers:
    def __init__(self, process: ProcessPoolExecutor) -> None:
        self._process = process

    def begin(self, target: Target, scripts: Sequence[CallScript]) -> "Future[CrowdReport]":
        return self._process.submit(_call, target, tuple(scripts))


@contextmanager
def calling() -> Iterator[Callers]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        process.submit(_nothing).result()  # Everything is imported before anybody is called.
        yield Callers(process)


def _call(target: Target, scripts: tuple[CallScript, ...]) -> CrowdReport:
    within = len(scripts) / ARRIVALS_A_SECOND
    return asyncio.run(rehearse(target, scripts, within_seconds=within))


def _nothing() -> None:
    """The process has begun."""
