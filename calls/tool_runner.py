"""Run a tool: offered, within its quota, with checked arguments, a deadline, and an outcome."""

import asyncio
import hashlib
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from calls import metrics
from calls.tool_results import Result, result_of
from catalog.tools.context import ToolContext, ToolError, ToolOutcome, idempotency_key
from catalog.tools.parameters import ToolArgumentsError
from catalog.tools.spec import ToolSpec

logger = logging.getLogger(__name__)

MAX_DEADLINE_SECONDS = 12.0
UNWIND_SECONDS = 0.1  # what a tool may take to clean up after its deadline
MOST_RUNS = 60  # in one call, of all tools


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """What the model asked for. `arguments` is whatever JSON it sent."""

    name: str
    arguments: Mapping[str, object]
    interrupted: bool = False  # the caller cut off the reply that asks for it


@dataclass(frozen=True, slots=True)
class ToolRunResult:
    """`verdict` is what the record shows: ok, repeated, refused, invalid, timeout, error,
    interrupted, quota or not-offered. `result` is what the model reads.
    """

    name: str
    result: Result
    verdict: str
    ms: float


Record = Callable[[ToolRequest, ToolRunResult], None]


class ToolRunner:
    """The tools of one call. What changes something is carried out once, and to its end."""

    def __init__(self, call_sid: str, context: ToolContext, record: Record) -> None:
        self._call_sid = call_sid
        self._context = context
        self._record = record
        self._known: dict[str, ToolSpec] = {}
        self._shown: frozenset[str] = frozenset()
        self.runs: Counter[str] = Counter()  # begun, also in a process that carried it before
        self._changes: dict[str, asyncio.Task[ToolRunResult]] = {}
        self._unwinding: set[asyncio.Task[ToolOutcome]] = set()

    def knows(self, tools: Sequence[ToolSpec]) -> None:
        """These can be run, once the model was shown them."""
        self._known = {name: tool for tool in tools for name in (*tool.aliases, tool.name)}

    def shown(self, names: frozenset[str]) -> None:
        """What stood in the newest request to the model."""
        self._shown = names

    async def run(self, request: ToolRequest) -> ToolRunResult:
        """Run one tool. Never raises, but for cancellation: the caller spoke, or the call ended."""
        started_at = time.monotonic()
        tool = self._known.get(request.name)
        if tool is None or tool.name not in self._shown:
            return self._not_run(request, started_at, "not-offered")
        if request.interrupted and tool.leaves_the_call:
            return self._not_run(request, started_at, "interrupted")
        try:
            arguments = self._checked(tool, request)
        except ToolArgumentsError as error:
            return self._not_run(request, started_at, "invalid", str(error))
        key = self._key(tool, arguments) if tool.changes_something else ""
        if key in self._changes and not tool.may_repeat:
            return await self._once(request, started_at, self._changes[key])
        if self.runs[tool.name] >= tool.most_runs or self.runs.total() >= MOST_RUNS:
            return self._not_run(request, started_at, "quota")
        self.runs[tool.name] += 1
        running = asyncio.create_task(
            self._carry_out(tool, request, arguments, key), name=f"tool {tool.name}"
        )
        if not key:
            return await _cancelled_with_us(running)
        self._changes[key] = running
        # A caller who speaks meanwhile must not leave half a booking behind.
        return await asyncio.shield(running)

    async def finish(self) -> None:
        """The call is over: let changes that have begun come to their end, by their deadlines."""
        pending = [task for task in self._changes.values() if not task.done()]
        if pending:
            await asyncio.wait(pending, timeout=MAX_DEADLINE_SECONDS + 1.0)

    async def _once(
        self, request: ToolRequest, started_at: float, earlier: "asyncio.Task[ToolRunResult]"
    ) -> ToolRunResult:
        """The same was asked for before in this call: it is done, or being done."""
        first = await asyncio.shield(earlier)
        return self._done(request, first.name, started_at, first.result, "repeated")

    def _checked(self, tool: ToolSpec, request: ToolRequest) -> Mapping[str, object]:
        try:
            if not isinstance(request.arguments, Mapping):
                raise ToolArgumentsError("The arguments are a JSON object.")
            return tool.check_arguments(request.arguments)
        except ToolArgumentsError:
            raise
        except Exception as error:  # A schema of somebody else's can fail in its own ways.
            logger.exception("The arguments of tool %s could not be checked.", tool.name)
            raise ToolArgumentsError("The arguments cannot be checked.") from error

    async def _carry_out(
        self, tool: ToolSpec, request: ToolRequest, arguments: Mapping[str, object], key: str
    ) -> ToolRunResult:
        started_at = time.monotonic()
        idempotency_key.set(key)
        # The sentences of tools are for the caller's ears.
        with translation.override(self._context.language):
            try:
                outcome, verdict = await self._outcome(tool, arguments)
                result = result_of(outcome)
            except asyncio.CancelledError:
                self._done(request, tool.name, started_at, Result(ok=False), "interrupted")
                raise
            except Exception:  # A root: a fault of one tool is told to the model, never the call.
                logger.exception("Tool %s failed.", tool.name)
                result, verdict = _failed(sorry()), "error"
        if verdict != "ok":
            self._changes.pop(key, None)  # It may be tried again, under the same key.
        return self._done(request, tool.name, started_at, result, verdict)

    async def _outcome(
        self, tool: ToolSpec, arguments: Mapping[str, object]
    ) -> tuple[ToolOutcome, str]:
        seconds = min(tool.timeout_seconds, MAX_DEADLINE_SECONDS)
        working = asyncio.ensure_future(tool.handler(self._context, **arguments))
        try:
            await asyncio.wait({working}, timeout=seconds)
        finally:
            if not working.done():
                await self._abandon(working)
        if working.cancelled() or not working.done():
            logger.warning("Tool %s took longer than %.1f s.", tool.name, seconds)
            return ToolOutcome(ok=False, say=sorry()), "timeout"
        try:
            outcome = working.result()
        except ToolError as error:
            return ToolOutcome(ok=False, say=error.spoken_message), "refused"
        return outcome, "ok" if outcome.ok else "refused"

    async def _abandon(self, working: "asyncio.Future[ToolOutcome]") -> None:
        """Stop it; what does not let itself be stopped is not waited for."""
        working.cancel()
        self._unwinding.add(working)  # type: ignore[arg-type]
        working.add_done_callback(self._unwound)
        await asyncio.wait({working}, timeout=UNWIND_SECONDS)

    def _unwound(self, working: "asyncio.Future[ToolOutcome]") -> None:
        self._unwinding.discard(working)
        if not working.cancelled() and working.exception() is not None:
            logger.debug("A tool failed after its deadline: %s.", type(working.exception()))

    def _key(self, tool: ToolSpec, arguments: Mapping[str, object]) -> str:
        asked = json.dumps([self._call_sid, tool.name, arguments], sort_keys=True, default=str)
        return hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()[:32]

    def _not_run(
        self, request: ToolRequest, started_at: float, verdict: str, say: str = ""
    ) -> ToolRunResult:
        result = _failed(say or _REASONS.get(verdict, ""))
        return self._done(request, request.name, started_at, result, verdict)

    def _done(
        self, request: ToolRequest, name: str, started_at: float, result: Result, verdict: str
    ) -> ToolRunResult:
        ms = (time.monotonic() - started_at) * 1000.0
        known = name if name in self._known else "unknown"  # Labels must not grow without bound.
        metrics.tool_run_ms.labels(tool=known, outcome=verdict).observe(ms)
        done = ToolRunResult(name, result, verdict, ms)
        self._record(request, done)
        return done


# Read by the model, not said.
_REASONS = {
    "not-offered": "There is no such tool.",
    "interrupted": "The caller spoke: listen first, and ask again if it is still wanted.",
    "quota": "Not again in this call. Answer the caller with what you know.",
}


def sorry() -> str:
    return _("That did not work just now.")


def _failed(say: str) -> Result:
    return Result(ok=False, fields={"say": say})


async def _cancelled_with_us(running: "asyncio.Task[ToolRunResult]") -> ToolRunResult:
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        running.cancel()
        raise
