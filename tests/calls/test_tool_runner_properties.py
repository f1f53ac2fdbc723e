"""Whatever schema, arguments, delay and failure: each run has an outcome in time, and a record."""

import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.call_rows import write
from calls.happenings import ToolRan
from calls.line import CallLine
from calls.models import ToolRun
from calls.playout import Playout
from calls.session_tools import SessionTools
from calls.timing import CallClock, Timings
from calls.tool_runner import UNWIND_SECONDS, ToolRequest
from catalog.tools.context import ToolError, ToolOutcome
from catalog.tools.schema_check import SchemaCheck, SchemaUnusable
from catalog.tools.spec import ToolSpec
from tests.calls.conftest import PostedHappenings
from tests.calls.samples import AGENT, CALL_SID, STREAM_SID

VERDICTS = {"ok", "refused", "invalid", "timeout", "error", "repeated", "quota", "not-offered"}
DEADLINE_SECONDS = 0.03
SLACK_SECONDS = 1.0  # of a machine that does other things; a run without a deadline has none

KINDS = st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(["day", "size", "note", "people"])
PART = st.one_of(
    st.fixed_dictionaries({"type": KINDS}),
    st.fixed_dictionaries({"enum": st.lists(JSON, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"type": st.just("string"), "maxLength": st.integers(0, 5)}),
    st.fixed_dictionaries({"$ref": st.sampled_from(["#/$defs/a", "#", "https://example.org/x"])}),
    JSON.filter(lambda found: isinstance(found, dict)),  # often no schema at all
)
SCHEMAS = st.fixed_dictionaries(
    {"type": st.just("object"), "properties": st.dictionaries(NAMES, PART, max_size=3)},
    optional={
        "required": st.lists(NAMES, unique=True, max_size=3),
        "additionalProperties": st.booleans(),
        "$defs": st.just({"a": {"$ref": "#/$defs/a"}}),
    },
)
ARGUMENTS: Any = st.dictionaries(NAMES | st.text(max_size=5), JSON, max_size=4) | JSON
BEHAVIOURS = st.sampled_from(
    ["at once", "slow", "too slow", "deaf", "refuses", "fails", "odd", "huge", "exits"]
)


class Tool:
    """One way for a tool to behave."""

    def __init__(self, behaviour: str, told: object, let_go: asyncio.Event) -> None:
        self._behaviour = behaviour
        self._told = told
        self._let_go = let_go

    async def __call__(self, context: Any, **arguments: Any) -> Any:
        match self._behaviour:
            case "slow":
                await asyncio.sleep(DEADLINE_SECONDS / 10)
            case "too slow":
                await self._let_go.wait()
            case "deaf":
                await self._ignore_cancellation()
            case "refuses":
                raise ToolError(str(self._told))
            case "fails":
                raise ValueError(self._told)
            case "exits":
                raise asyncio.CancelledError
            case "odd":
                return self._told
            case "huge":
                return ToolOutcome(ok=True, data={"text": "x" * 100_000, "more": [1] * 10_000})
        told: Any = {"told": self._told, "arguments": arguments}
        return ToolOutcome(ok=True, data=told)

    async def _ignore_cancellation(self) -> None:
        while not self._let_go.is_set():
            try:
                await self._let_go.wait()
            except asyncio.CancelledError:
                continue


def spec(schema: dict[str, Any], tool: Tool, *, changes_something: bool) -> ToolSpec | None:
    """None for a schema that no tool is made of."""
    try:
        check = SchemaCheck(schema)
    except SchemaUnusable:
        return None
    return ToolSpec(
        name="the_tool",
        description="A tool of the tests.",
        parameters=schema,
        handler=tool,
        timeout_seconds=DEADLINE_SECONDS,
        changes_something=changes_something,
        may_repeat=False,
        schema_check=check,
    )


async def take_nothing(_text: str) -> None:
    """There is nobody on the line."""


@pytest.mark.django_db
@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(SCHEMAS, st.lists(st.tuples(ARGUMENTS, st.booleans()), min_size=1, max_size=3), st.data())
def test_every_run_ends_in_an_outcome_within_its_deadline_and_is_recorded(
    posted: PostedHappenings,
    schema: dict[str, Any],
    requests: list[tuple[Any, bool]],
    data: st.DataObject,
) -> None:
    posted.happenings.clear()
    behaviour, told = data.draw(BEHAVIOURS), data.draw(JSON)
    changes_something = data.draw(st.booleans())

    async def run() -> list[Any]:
        let_go = asyncio.Event()
        tool = spec(schema, Tool(behaviour, told, let_go), changes_something=changes_something)
        if tool is None:
            return []
        playout = Playout(STREAM_SID, take_nothing)
        line = CallLine(
            CALL_SID, playout, CallClock(), Timings(), SessionTools(AGENT, "+351200000002")
        )
        line.runner.knows([tool])
        line.model_asked(("the_tool",))
        done = []
        for arguments, known in requests:
            started_at = time.monotonic()
            request = ToolRequest("the_tool" if known else "another", arguments)
            async with asyncio.timeout(DEADLINE_SECONDS + UNWIND_SECONDS + SLACK_SECONDS):
                done.append(await line.run_tool(request))
            assert time.monotonic() - started_at < DEADLINE_SECONDS + UNWIND_SECONDS + SLACK_SECONDS
        await line.runner.finish()
        let_go.set()
        await asyncio.sleep(0)
        return done

    done = asyncio.run(run())
    ran = [happening for happening in posted.happenings if isinstance(happening, ToolRan)]
    assert len(ran) == len(done)
    for one, row in zip(done, ran, strict=True):
        assert one.verdict in VERDICTS
        assert one.result.ok is (one.verdict in {"ok", "repeated"})
        written = json.dumps(one.result.for_the_model(), allow_nan=False)
        assert len(written) < 40_000
        assert row.outcome == one.verdict
        write(row)
    if ran:
        kept = ToolRun.objects.order_by("-pk")[: len(ran)]
        assert [row.outcome for row in reversed(kept)] == [one.verdict for one in done]
        assert [row.arguments for row in reversed(kept)] == [row.arguments for row in ran]
