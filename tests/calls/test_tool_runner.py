"""Whatever a tool does, the call gets an outcome."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from calls import metrics, tool_runner
from calls.tool_runner import SORRY, run_tool
from catalog.tools.context import ToolError, ToolOutcome
from catalog.tools.parameters import model_of, schema_of
from catalog.tools.registry import ToolSpec

CONTEXT: Any = object()


def spec_of(handler: Any, timeout_seconds: float = 5.0) -> ToolSpec:
    model = model_of(handler)
    return ToolSpec(
        name="the_tool",
        description="A tool of the tests.",
        parameters=schema_of(model),
        handler=handler,
        timeout_seconds=timeout_seconds,
        arguments_model=model,
    )


async def test_it_gives_the_tool_its_context_and_checked_arguments() -> None:
    async def book(context: Any, day: str, people: int = 2) -> ToolOutcome:
        return ToolOutcome(ok=True, data={"same": context is CONTEXT, "for": f"{day} {people}"})

    result = await run_tool(spec_of(book), {"day": "Monday", "people": "3"}, CONTEXT)
    assert result.verdict == "ok"
    assert result.outcome == ToolOutcome(ok=True, data={"same": True, "for": "Monday 3"})
    assert result.ms >= 0.0


@pytest.mark.parametrize(
    "arguments", [{}, {"day": 5}, {"day": "Monday", "phone": "+351200000009"}, [], None, "Monday"]
)
async def test_it_tells_the_model_what_to_correct_in_its_arguments(arguments: Any) -> None:
    async def book(context: Any, day: str) -> ToolOutcome:
        raise AssertionError("It must not run.")

    result = await run_tool(spec_of(book), arguments, CONTEXT)
    assert result.verdict == "invalid"
    assert result.outcome.ok is False
    assert result.outcome.say


async def test_it_passes_on_what_the_tool_refuses() -> None:
    async def book(context: Any) -> ToolOutcome:
        raise ToolError("We are closed that day.")

    result = await run_tool(spec_of(book), {}, CONTEXT)
    assert (result.verdict, result.outcome.ok) == ("refused", False)
    assert result.outcome.say == "We are closed that day."


async def test_it_counts_an_outcome_that_is_not_ok_as_refused() -> None:
    async def book(context: Any) -> ToolOutcome:
        return ToolOutcome(ok=False, data={"reason": "full"})

    result = await run_tool(spec_of(book), {}, CONTEXT)
    assert (result.verdict, result.outcome.data) == ("refused", {"reason": "full"})


async def test_it_ends_a_tool_that_takes_too_long() -> None:
    ended = asyncio.Event()

    async def book(context: Any) -> ToolOutcome:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError("unreachable")

    async with asyncio.timeout(1.0):
        result = await run_tool(spec_of(book, timeout_seconds=0.01), {}, CONTEXT)
    assert (result.verdict, result.outcome.say) == ("timeout", SORRY)
    assert ended.is_set()


async def test_it_allows_no_tool_longer_than_its_own_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tool_runner, "MAX_DEADLINE_SECONDS", 0.01)

    async def book(context: Any) -> ToolOutcome:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async with asyncio.timeout(1.0):
        result = await run_tool(spec_of(book, timeout_seconds=600.0), {}, CONTEXT)
    assert result.verdict == "timeout"


@pytest.mark.parametrize("returned", [None, {"ok": True}, "done", 5])
async def test_it_survives_a_tool_that_returns_something_else(returned: Any) -> None:
    async def book(context: Any) -> Any:
        return returned

    result = await run_tool(spec_of(book), {}, CONTEXT)
    assert (result.verdict, result.outcome) == ("error", ToolOutcome(ok=False, say=SORRY))


async def test_it_survives_a_tool_that_fails_and_does_not_quote_the_fault_to_the_caller() -> None:
    async def book(context: Any) -> ToolOutcome:
        raise ZeroDivisionError("password=hunter2")

    result = await run_tool(spec_of(book), {}, CONTEXT)
    assert (result.verdict, result.outcome) == ("error", ToolOutcome(ok=False, say=SORRY))


async def test_it_survives_a_check_of_arguments_that_fails() -> None:
    async def remote(context: Any, **arguments: Any) -> ToolOutcome:
        return ToolOutcome(ok=True)

    unchecked = ToolSpec("the_tool", "No model.", {}, remote)
    arguments: Any = 5
    assert (await run_tool(unchecked, arguments, CONTEXT)).verdict == "error"


async def test_it_lets_a_cancellation_through() -> None:
    async def book(context: Any) -> ToolOutcome:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    running = asyncio.create_task(run_tool(spec_of(book), {}, CONTEXT))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_it_measures_every_run() -> None:
    async def book(context: Any) -> ToolOutcome:
        raise ZeroDivisionError

    def runs() -> float:
        labels: Mapping[str, str] = {"tool": "the_tool", "outcome": "error"}
        return metrics.registry.get_sample_value("tool_run_ms_count", dict(labels)) or 0.0

    before = runs()
    await run_tool(spec_of(book), {}, CONTEXT)
    assert runs() == before + 1
