"""Blocking work off the event loop: threads that take what is short before what is long."""

import asyncio
import itertools
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")
_Item = tuple[float, int, "Future[Any] | None", "Callable[[], Any] | None"]


class Worker:
    """Runs the job first whose arrival plus expected time is earliest.

    A short job passes longer ones that came just before it, and no job waits for ever. Leaving
    out a job that was cancelled while it waited keeps a caller who interrupts from slowing others.
    """

    def __init__(self, name: str, threads: int = 1) -> None:
        self._jobs: queue.PriorityQueue[_Item] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self.threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self.threads:
            thread.start()

    async def run(self, expected_seconds: float, job: Callable[[], ResultT]) -> ResultT:
        future: Future[ResultT] = Future()
        due = time.monotonic() + expected_seconds
        self._jobs.put((due, next(self._numbers), future, job))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let the threads end after what they are at."""
        for _thread in self.threads:
            self._jobs.put((float("-inf"), next(self._numbers), None, None))

    def _work(self) -> None:
        while True:
            _due, _number, future, job = self._jobs.get()
            if future is None or job is None:
                return
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = job()
            except Exception as error:  # It belongs to whoever awaits the job.
                future.set_exception(error)
            else:
                future.set_result(result)
