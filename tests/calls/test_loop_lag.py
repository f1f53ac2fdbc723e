"""The lag of real event loops, blocked on purpose."""

import asyncio
import gc
import time
import weakref

import pytest
import uvloop

from calls import loop_lag, metrics


def count(above_ms: float = 0.0) -> float:
    value = metrics.registry.get_sample_value
    total = value("loop_lag_ms_count") or 0.0
    return total - (value("loop_lag_ms_bucket", {"le": f"{above_ms:.1f}"}) or 0.0)


def worst_ms() -> float:
    return metrics.registry.get_sample_value("loop_lag_worst_ms") or 0.0


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_stall_is_seen_at_its_length(new_loop: object) -> None:
    async def work() -> None:
        loop_lag.watch()
        loop_lag.watch()
        await asyncio.sleep(0.25)
        before, late = count(), count(above_ms=50.0)
        await asyncio.sleep(0)
        time.sleep(0.55)
        await asyncio.sleep(0.01)
        assert worst_ms() >= 400
        # One sampler, whatever asked for it; each sample that the stall swallowed counts.
        assert 5 <= count() - before <= 7
        assert count(above_ms=50.0) - late >= 4

    with asyncio.Runner(loop_factory=new_loop) as runner:  # type: ignore[arg-type]
        runner.run(work())


async def test_no_task_is_left_behind() -> None:
    before = asyncio.all_tasks()
    loop_lag.watch()
    await asyncio.sleep(0.15)
    assert asyncio.all_tasks() == before


def test_a_loop_that_is_closed_is_forgotten() -> None:
    loop = asyncio.new_event_loop()
    gone = weakref.ref(loop)

    async def work() -> None:
        loop_lag.watch()
        await asyncio.sleep(0.12)

    loop.run_until_complete(work())
    loop.close()
    del loop
    gc.collect()
    assert gone() is None
