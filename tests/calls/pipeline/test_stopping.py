"""However a pipeline is stopped, nothing of it goes on."""

import asyncio
from typing import Any, cast

import pytest
from pipecat.bus.local import AsyncQueueBus
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.filters.identity_filter import IdentityFilter

from calls.pipeline.agent import Agent


def agent() -> Agent:
    worker = PipelineWorker(
        Pipeline([IdentityFilter()]),
        enable_rtvi=False,
        idle_timeout_secs=None,
        cancel_timeout_secs=1,
    )
    nobody = cast(Any, None)
    return Agent(worker, nobody, nobody, nobody, nobody, None)


async def left_of_the_bus() -> list[str]:
    await asyncio.sleep(0.05)
    return [task.get_name() for task in asyncio.all_tasks() if "AsyncQueueBus" in task.get_name()]


@pytest.mark.parametrize("turns_of_the_loop", [0, 1, 3, 10])
async def test_an_agent_that_is_stopped_while_it_starts_leaves_no_task(
    turns_of_the_loop: int,
) -> None:
    stopped = agent()
    running = asyncio.create_task(stopped.run())
    for _ in range(turns_of_the_loop):
        await asyncio.sleep(0)
    await stopped.stop(running)
    assert await left_of_the_bus() == []


async def test_an_agent_that_is_cancelled_while_it_stops_leaves_no_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def interrupted(bus: AsyncQueueBus) -> None:
        bus._running = False
        raise asyncio.CancelledError

    monkeypatch.setattr(AsyncQueueBus, "stop", interrupted)
    stopped = agent()
    running = asyncio.create_task(stopped.run())
    await asyncio.sleep(0.2)
    assert await left_of_the_bus() != []
    await stopped.stop(running)
    assert await left_of_the_bus() == []
