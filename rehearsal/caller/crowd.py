"""Several simulated callers at once, in one process."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.caller.report import CallReport
from rehearsal.caller.script import CallScript
from rehearsal.caller.simulated_caller import SimulatedCaller
from rehearsal.caller.target import Target


@dataclass(frozen=True, slots=True)
class CrowdReport:
    """All calls, in the order of their arrival, and what they cost the rig itself."""

    calls: tuple[CallReport, ...]
    cpu_share_per_call: float  # of one core, while a call lasts

    @property
    def failed(self) -> tuple[CallReport, ...]:
        return tuple(call for call in self.calls if not call.ok)


async def rehearse(
    target: Target,
    scripts: Sequence[CallScript],
    *,
    within_seconds: float = 1.0,
    output_dir: Path | None = None,
) -> CrowdReport:
    """One call for each script; their arrivals are spread evenly over `within_seconds`."""
    caller = SimulatedCaller(target)
    apart_seconds = within_seconds / len(scripts) if scripts else 0.0
    cpu_began = time.process_time()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_call_later(caller, script, index * apart_seconds, output_dir))
            for index, script in enumerate(scripts)
        ]
    cpu_seconds = time.process_time() - cpu_began
    calls = tuple(task.result() for task in tasks)
    call_seconds = sum(call.ended_ms for call in calls) / 1000
    return CrowdReport(calls, cpu_seconds / call_seconds if call_seconds else 0.0)


async def _call_later(
    caller: SimulatedCaller, script: CallScript, delay_seconds: float, output_dir: Path | None
) -> CallReport:
    await asyncio.sleep(delay_seconds)
    return await caller.call(script, output_dir)
