"""Processors running in a real Pipecat pipeline, between two collectors of frames."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from pipecat.frames.frames import Frame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner

PATIENCE_SECONDS = 5.0
FrameT = TypeVar("FrameT", bound=Frame)


class Collected(FrameProcessor):
    """Every frame that came this way in one direction."""

    def __init__(self, direction: FrameDirection) -> None:
        super().__init__(enable_direct_mode=True)
        self._wanted = direction
        self._arrived: asyncio.Queue[Frame] = asyncio.Queue()
        self.frames: list[Frame] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction is self._wanted:
            self.frames.append(frame)
            self._arrived.put_nowait(frame)
        await self.push_frame(frame, direction)

    async def next(self, kind: type[FrameT]) -> FrameT:
        """The next frame of this kind; those of other kinds before it are skipped."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame = await self._arrived.get()
                if isinstance(frame, kind):
                    return frame

    def of_kind(self, kind: type[FrameT]) -> list[FrameT]:
        return [frame for frame in self.frames if isinstance(frame, kind)]


@dataclass
class Running:
    worker: PipelineWorker
    up: Collected
    down: Collected

    async def send(self, *frames: Frame) -> None:
        for frame in frames:
            await self.worker.queue_frame(frame)

    async def send_up(self, *frames: Frame) -> None:
        """From the end of the pipeline towards its beginning, as the VAD's frames come."""
        for frame in frames:
            await self.worker.queue_frame(frame, FrameDirection.UPSTREAM)


@asynccontextmanager
async def running(*processors: FrameProcessor) -> AsyncIterator[Running]:
    up, down = Collected(FrameDirection.UPSTREAM), Collected(FrameDirection.DOWNSTREAM)
    worker = PipelineWorker(
        Pipeline([up, *processors, down]),
        params=PipelineParams(audio_in_sample_rate=8_000, audio_out_sample_rate=8_000),
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
        cancel_timeout_secs=2,
        check_dangling_tasks=False,
    )
    started = asyncio.Event()

    @worker.event_handler("on_pipeline_started")
    async def begun(_worker: Any, _frame: Any) -> None:
        started.set()

    runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
    await runner.add_workers(worker)
    task = asyncio.create_task(runner.run())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await started.wait()
        yield Running(worker, up, down)
    finally:
        await worker.cancel()
        await asyncio.wait([task], timeout=PATIENCE_SECONDS)
        assert task.done()
