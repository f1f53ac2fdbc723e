"""What the stages of tools save: prompt tokens at every request, and the time to register them.

The model's tokens are counted with OpenAI's o200k_base vocabulary over the JSON that goes over the
wire; OpenAI rewrites schemas before its models read them, so the ratios count, not the last token.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django

ROUNDS = 300
REQUESTS_IN_A_CALL = 8  # a call of three minutes; the first goes out before the first reply
OFTEN_OFFERED = 24  # a business with two MCP servers of twelve tools each


@dataclass(frozen=True, slots=True)
class Measured:
    label: str
    tools: int
    request_bytes: int
    tokens: int
    register_us: float
    widen_ms: float | None


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceagent.settings")
    os.environ["SERVES_CALLS"] = "false"
    django.setup()
    from benchmarks.page import write_section
    from calls.pipecat_logging import quiet

    quiet()

    measured = [
        measure(label, tools, asyncio.run(widening_ms(tools)) if tools else None)
        for label, tools in tool_sets()
    ]
    section = report(measured)
    write_section("tool stages", section)
    sys.stdout.write(section)


def tool_sets() -> list[tuple[str, tuple[Any, ...]]]:
    """The stages with the tools that are built in, and the last one with a business's own."""
    import catalog.tools  # noqa: F401  registers what is built in
    from catalog.snapshot_parts import offered_tools
    from catalog.stages import Stage, includes

    offered = offered_tools(())
    sets: list[tuple[str, tuple[Any, ...]]] = [("no tools", ())]
    for stage in Stage:
        at_hand = tuple(tool.spec for tool in offered if includes(stage, tool.stage))
        sets.append((stage.value, at_hand))
    own = tuple(of_a_business(number) for number in range(OFTEN_OFFERED))
    return [*sets, (f"full + {OFTEN_OFFERED} of two MCP servers", (*sets[-1][1], *own))]


def of_a_business(number: int) -> Any:
    """As a remote server describes a tool: three parameters, a sentence for each."""
    from catalog.tools.context import ToolOutcome
    from catalog.tools.spec import ToolSpec

    async def nothing(context: Any, **arguments: Any) -> ToolOutcome:
        return ToolOutcome(ok=True)

    described = {
        name: {"type": "string", "description": f"The {name} of what the caller asks about."}
        for name in ("kind", "number", "day")
    }
    schema = {"type": "object", "properties": described, "required": ["kind"]}
    text = "Look up one thing of the business by its kind and number, and tell when it is ready."
    return ToolSpec(f"crm_look_up_{number}", text, schema, nothing)


def measure(label: str, tools: tuple[Any, ...], widen_ms: float | None) -> Measured:
    import bpe_openai
    from pipecat.adapters.llm.services.open_ai_adapter import OpenAILLMAdapter
    from pipecat.processors.aggregators.llm_context import LLMContext

    from calls.pipeline.tools import function_schemas

    adapter = OpenAILLMAdapter()

    def register() -> Any:
        """What a call does with its tools before its first request to the model."""
        context = LLMContext([], tools=function_schemas(tools))
        return adapter.from_standard_tools(context.tools)

    wire = register()
    text = json.dumps(wire, ensure_ascii=False) if tools else ""
    return Measured(
        label=label,
        tools=len(tools),
        request_bytes=len(text.encode()),
        tokens=len(bpe_openai.get_encoding("o200k_base").encode(text)) if text else 0,
        register_us=median_us(register),
        widen_ms=widen_ms,
    )


def median_us(work: Callable[[], object]) -> float:
    times = []
    for _round in range(ROUNDS):
        began_at = time.perf_counter()
        work()
        times.append((time.perf_counter() - began_at) * 1e6)
    return statistics.median(times)


async def widening_ms(tools: tuple[Any, ...]) -> float:
    """From the offer of a stage in a running pipeline until the context holds it."""
    from pipecat.frames.frames import LLMSetToolsFrame
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.worker import PipelineWorker
    from pipecat.processors.aggregators.llm_context import LLMContext
    from pipecat.processors.aggregators.llm_response_universal import (
        LLMContextAggregatorPair,
        LLMUserAggregatorParams,
    )
    from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
    from pipecat.turns.user_turn_strategies import UserTurnStrategies
    from pipecat.workers.runner import WorkerRunner

    from calls.pipeline.tools import function_schemas, tool_names

    context = LLMContext([])
    silence = SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.6)
    user, assistant = LLMContextAggregatorPair(
        context,
        user_params=LLMUserAggregatorParams(
            user_turn_strategies=UserTurnStrategies(stop=[silence])
        ),
    )
    worker = PipelineWorker(Pipeline([user, assistant]), enable_rtvi=False)
    started = asyncio.Event()

    @worker.event_handler("on_pipeline_started")
    async def begun(_worker: Any, _frame: Any) -> None:
        started.set()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    times = []
    try:
        async with asyncio.timeout(20.0):
            await started.wait()
            for _round in range(20):
                context.set_tools()
                began_at = time.perf_counter()
                await worker.queue_frame(LLMSetToolsFrame(tools=function_schemas(tools)))
                while not tool_names(context):
                    await asyncio.sleep(0)
                times.append((time.perf_counter() - began_at) * 1e3)
    finally:
        await worker.cancel()
        await asyncio.wait([running], timeout=5.0)
    return statistics.median(times)


def report(measured: list[Measured]) -> str:
    rows = "\n".join(
        f"| {one.label} | {one.tools} | {one.request_bytes:,} | {one.tokens:,} "
        f"| {one.register_us:,.0f} | {'–' if one.widen_ms is None else f'{one.widen_ms:.2f}'} |"
        for one in measured
    )
    critical, largest = measured[1], measured[-1]
    full = measured[-2]
    saved_first = largest.tokens - critical.tokens
    whole, staged = (
        REQUESTS_IN_A_CALL * largest.tokens,
        critical.tokens + (REQUESTS_IN_A_CALL - 1) * largest.tokens,
    )
    never = REQUESTS_IN_A_CALL * (largest.tokens - critical.tokens)
    return f"""## Tool stages

Each request to the model describes every tool it may use. Tokens: o200k_base over the JSON on the
wire. Register: schemas, context and request of one call, median of {ROUNDS}. Widen: from the offer
in a running pipeline until the context holds it, median of 20; no audio waits for it.

| stage | tools | bytes a request | tokens a request | register (µs) | widen (ms) |
|---|---|---|---|---|---|
{rows}

- The first request, which stands between the caller's first words and the first reply, carries
  {critical.tokens:,} tokens of tools instead of {full.tokens:,} (all built-in ones) or
  {largest.tokens:,} (with a business's own): {saved_first / largest.tokens:.0%} less.
- A call of {REQUESTS_IN_A_CALL} requests that widens to everything after its first reply sends
  {staged:,} tokens of tools instead of {whole:,}; one that stays at critical saves {never:,}.
- Registering everything at the start would cost a call
  {(largest.register_us - critical.register_us) / 1000:.2f} ms more on the event loop before its
  pipeline starts ({critical.register_us / largest.register_us:.0%} of it is left).
"""


if __name__ == "__main__":
    main()
