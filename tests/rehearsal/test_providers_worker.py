"""Work off the event loop: which job comes first, and what becomes of failures."""

import asyncio
import threading

import pytest

from rehearsal.providers.worker import Worker


@pytest.fixture
def busy():
    """A worker at work until the event is set, and that event."""
    worker, free = Worker("test"), threading.Event()
    yield worker, free
    free.set()
    worker.close()


async def begin(worker: Worker, free: threading.Event) -> asyncio.Task[bool]:
    """A job that holds the worker's only thread, once this returns."""
    holding = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold() -> bool:
        loop.call_soon_threadsafe(holding.set)
        return free.wait(10)

    task = asyncio.create_task(worker.run(0.0, hold))
    await holding.wait()
    return task


async def queue(worker: Worker, expected_seconds: float, job) -> asyncio.Task:
    task = asyncio.create_task(worker.run(expected_seconds, job))
    await asyncio.sleep(0)  # The task puts its job into the queue in its first step.
    return task


async def test_a_short_job_passes_a_long_one(busy) -> None:
    worker, free = busy
    done: list[str] = []
    held = await begin(worker, free)
    tasks = [
        await queue(worker, 60.0, lambda: done.append("long")),
        await queue(worker, 0.1, lambda: done.append("short")),
    ]
    free.set()
    await asyncio.gather(held, *tasks)
    assert done == ["short", "long"]


async def test_a_long_job_is_not_passed_for_ever(busy) -> None:
    worker, free = busy
    done: list[str] = []
    held = await begin(worker, free)
    tasks = [await queue(worker, 0.05, lambda: done.append("long"))]
    await asyncio.sleep(0.06)
    tasks.append(await queue(worker, 0.0, lambda: done.append("late and short")))
    free.set()
    await asyncio.gather(held, *tasks)
    assert done == ["long", "late and short"]


async def test_a_job_cancelled_while_it_waits_is_left_out(busy) -> None:
    worker, free = busy
    done: list[str] = []
    held = await begin(worker, free)
    cancelled = await queue(worker, 0.0, lambda: done.append("cancelled"))
    kept = await queue(worker, 0.0, lambda: done.append("kept"))
    cancelled.cancel()
    await asyncio.wait([cancelled])
    free.set()
    await asyncio.gather(held, kept)
    assert done == ["kept"]


async def test_a_failure_reaches_who_waits_and_the_worker_goes_on(busy) -> None:
    worker, _free = busy
    with pytest.raises(ZeroDivisionError):
        await worker.run(0.0, lambda: 1 // 0)
    assert await worker.run(0.0, lambda: 2) == 2


async def test_two_threads_work_side_by_side() -> None:
    worker = Worker("pair", threads=2)
    meeting = threading.Barrier(2, timeout=10)
    await asyncio.gather(*(worker.run(0.0, meeting.wait) for _ in range(2)))
    worker.close()


async def test_its_threads_end() -> None:
    worker = Worker("ending", threads=2)
    worker.close()
    for thread in worker.threads:
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()
