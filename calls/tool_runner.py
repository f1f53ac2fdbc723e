"""Run a tool: checked arguments, a deadline, and an outcome whatever happens."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from calls import metrics
from catalog.tools.context import ToolContext, ToolError, ToolOutcome
from catalog.tools.parameters import ToolArgumentsError
from catalog.tools.registry import ToolSpec

logger = logging.getLogger(__name__)

SORRY = "That did not work just now."
MAX_DEADLINE_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class ToolRunResult:
    """`verdict` is what the record shows: ok, refused, invalid, timeout or error."""

    outcome: ToolOutcome
    verdict: str
    ms: float


async def run_tool(
    tool: ToolSpec, arguments: Mapping[str, object], context: ToolContext
) -> ToolRunResult:
    """Run one tool. Never raises, but for cancellation: the caller spoke, or the call ended."""
    started_at = time.monotonic()
    outcome, verdict = await _run(tool, arguments, context)
    ms = (time.monotonic() - started_at) * 1000.0
    metrics.tool_run_ms.labels(tool=tool.name, outcome=verdict).observe(ms)
    return ToolRunResult(outcome, verdict, ms)


async def _run(
    tool: ToolSpec, arguments: Mapping[str, object], context: ToolContext
) -> tuple[ToolOutcome, str]:
    try:
        checked = tool.check_arguments(arguments)
        async with asyncio.timeout(min(tool.timeout_seconds, MAX_DEADLINE_SECONDS)):
            outcome: ToolOutcome = await tool.handler(context, **checked)
        verdict = "ok" if outcome.ok else "refused"
    except ToolArgumentsError as error:
        return _failed(str(error)), "invalid"
    except ToolError as error:
        return _failed(error.spoken_message), "refused"
    except TimeoutError:
        logger.warning("Tool %s took longer than %.1f s.", tool.name, tool.timeout_seconds)
        return _failed(SORRY), "timeout"
    except Exception:  # A root: a fault of one tool is told to the model, never to the call.
        logger.exception("Tool %s failed.", tool.name)
        return _failed(SORRY), "error"
    return outcome, verdict


def _failed(say: str) -> ToolOutcome:
    return ToolOutcome(ok=False, say=say)
