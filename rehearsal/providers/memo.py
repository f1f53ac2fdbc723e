"""Slow results kept for whoever asks the same again."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ResultT = TypeVar("ResultT")


class Memo(Generic[KeyT, ResultT]):
    """Ten callers who say the same recorded line at once cost one recognition, not ten.

    The work is shared, so it goes on when one of those who wait gives up.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._tasks: OrderedDict[KeyT, asyncio.Task[ResultT]] = OrderedDict()

    async def get(self, key: KeyT, compute: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(compute())
            task.add_done_callback(lambda done: self._forget_failure(key, done))
            self._forget_oldest()
        self._tasks.move_to_end(key)
        return await asyncio.shield(task)

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    def _forget_oldest(self) -> None:
        """Never one that somebody may still be waiting for."""
        excess = max(0, len(self._tasks) - self._size)
        done = [key for key, task in self._tasks.items() if task.done()]
        for key in done[:excess]:
            del self._tasks[key]

    def _forget_failure(self, key: KeyT, task: "asyncio.Task[ResultT]") -> None:
        if (task.cancelled() or task.exception()) and self._tasks.get(key) is task:
            del self._tasks[key]
