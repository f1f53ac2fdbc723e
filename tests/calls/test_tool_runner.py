"""Whatever a tool does, the call gets an outcome, and what changes something happens once."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from django.utils.translation import gettext as _

from calls import metrics, tool_runner
from calls.session_tools import SessionTools
from calls.tool_runner import ToolRequest, ToolRunner, ToolRunResult, sorry
from catalog.tools.context import ToolError, ToolOutcome, idempotency_key
from catalog.tools.parameters import model_of, schema_of
from catalog.tools.schema_check import SchemaCheck
from catalog.tools.spec import ToolSpec
from tests.calls.samples import CALL_SID, OTHER_CALL_SID, agent

SORRY = "That did not work just now."


def spec_of(handler: Any, **changes: Any) -> ToolSpec:
    model = model_of(handler)
    return ToolSpec(
        name="the_tool",
        description="A tool of the tests.",
        parameters=schema_of(model),
        handler=handler,
        arguments_model=model,
        **changes,
    )


class Desk:
    """A runner with one tool, shown to the model, and what was recorded."""

    def __init__(self, tool: ToolSpec, call_sid: str = CALL_SID, language: str = "en") -> None:
        self.recorded: list[ToolRunResult] = []
        context = SessionTools(agent(language=language), None)
        self.runner = ToolRunner(
            call_sid, context, lambda request, done: self.recorded.append(done)
        )
        self.runner.knows([tool])
        self.runner.shown(frozenset({tool.name}))

    async def run(
        self, arguments: Any = None, name: str = "the_tool", *, interrupted: bool = False
    ) -> ToolRunResult:
        given = {} if arguments is None else arguments
        return await self.runner.run(ToolRequest(name, given, interrupted))


async def test_it_gives_the_tool_its_context_and_checked_arguments() -> None:
    async def book(context: Any, day: str, people: int = 2) -> ToolOutcome:
        return ToolOutcome(ok=True, data={"for": f"{day} {people}", "in": context.language})

    done = await Desk(spec_of(book)).run({"day": "Monday", "people": "3"})
    assert done.verdict == "ok"
    assert done.result.for_the_model() == {"ok": True, "for": "Monday 3", "in": "en"}
    assert done.ms >= 0.0


@pytest.mark.parametrize(
    "arguments", [{}, {"day": 5}, {"day": "Monday", "phone": "+351200000009"}, [], "Monday", 5]
)
async def test_it_tells_the_model_what_to_correct_in_its_arguments(arguments: Any) -> None:
    async def book(context: Any, day: str) -> ToolOutcome:
        raise AssertionError("It must not run.")

    done = await Desk(spec_of(book)).run(arguments)
    assert (done.verdict, done.result.ok) == ("invalid", False)
    assert done.result.fields["say"]


async def test_a_schema_from_elsewhere_is_checked_as_well() -> None:
    async def order(context: Any, **arguments: Any) -> ToolOutcome:
        return ToolOutcome(ok=True, data=arguments)

    schema = {"type": "object", "properties": {"size": {"enum": [1, 2]}}, "required": ["size"]}
    desk = Desk(ToolSpec("the_tool", "Orders.", schema, order, schema_check=SchemaCheck(schema)))
    assert (await desk.run({"size": 2})).verdict == "ok"
    refused = await desk.run({"size": 3})
    assert refused.verdict == "invalid"
    assert "size" in refused.result.fields["say"]


async def test_it_passes_on_what_the_tool_refuses() -> None:
    async def book(context: Any) -> ToolOutcome:
        raise ToolError("We are closed that day.")

    done = await Desk(spec_of(book)).run()
    assert (done.verdict, done.result.ok) == ("refused", False)
    assert done.result.fields["say"] == "We are closed that day."


async def test_it_counts_an_outcome_that_is_not_ok_as_refused() -> None:
    async def book(context: Any) -> ToolOutcome:
        return ToolOutcome(ok=False, data={"reason": "full"})

    done = await Desk(spec_of(book)).run()
    assert (done.verdict, done.result.fields) == ("refused", {"reason": "full"})


async def test_a_tool_speaks_the_language_of_the_agent() -> None:
    async def book(context: Any) -> ToolOutcome:
        raise ToolError(_("yes"))

    said = (await Desk(spec_of(book), language="pt").run()).result.fields["say"]
    assert said == "sim"


async def test_it_ends_a_tool_that_takes_too_long() -> None:
    ended = asyncio.Event()

    async def book(context: Any) -> ToolOutcome:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError("unreachable")

    async with asyncio.timeout(1.0):
        done = await Desk(spec_of(book, timeout_seconds=0.01)).run()
    assert (done.verdict, done.result.fields["say"]) == ("timeout", SORRY)
    assert ended.is_set()


async def test_it_does_not_wait_for_a_tool_that_will_not_stop() -> None:
    let_go = asyncio.Event()

    async def stubborn(context: Any) -> ToolOutcome:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        return ToolOutcome(ok=True)

    async with asyncio.timeout(2.0):
        done = await Desk(spec_of(stubborn, timeout_seconds=0.01)).run()
    assert done.verdict == "timeout"
    let_go.set()
    await asyncio.sleep(0.01)


async def test_it_allows_no_tool_longer_than_its_own_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tool_runner, "MAX_DEADLINE_SECONDS", 0.01)

    async def book(context: Any) -> ToolOutcome:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async with asyncio.timeout(1.0):
        done = await Desk(spec_of(book, timeout_seconds=600.0)).run()
    assert done.verdict == "timeout"


@pytest.mark.parametrize("returned", [None, {"ok": True}, "done", 5])
async def test_it_survives_a_tool_that_returns_something_else(returned: Any) -> None:
    async def book(context: Any) -> Any:
        return returned

    done = await Desk(spec_of(book)).run()
    assert (done.verdict, done.result.for_the_model()) == ("error", {"ok": False, "say": SORRY})


async def test_it_survives_a_tool_that_fails_and_does_not_quote_the_fault_to_the_caller() -> None:
    async def book(context: Any) -> ToolOutcome:
        raise ZeroDivisionError("password=hunter2")

    done = await Desk(spec_of(book)).run()
    assert (done.verdict, done.result.for_the_model()) == ("error", {"ok": False, "say": sorry()})


async def test_it_survives_a_check_of_arguments_that_fails() -> None:
    class Broken:
        def check(self, arguments: Mapping[str, object]) -> None:
            raise RecursionError

    async def remote(context: Any, **arguments: Any) -> ToolOutcome:
        return ToolOutcome(ok=True)

    broken: Any = Broken()
    spec = ToolSpec("the_tool", "No model.", {}, remote, schema_check=broken)
    assert (await Desk(spec).run({"size": 3})).verdict == "invalid"


async def test_a_tool_that_only_reads_stops_when_the_caller_speaks() -> None:
    stopped = asyncio.Event()

    async def look_up(context: Any) -> ToolOutcome:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError("unreachable")

    desk = Desk(spec_of(look_up))
    running = asyncio.create_task(desk.run())
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.wait_for(stopped.wait(), 1.0)
    await asyncio.sleep(0.01)
    assert [done.verdict for done in desk.recorded] == ["interrupted"]


class Booking:
    """A change that takes as long as the test lets it, counted."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.keys: list[str] = []

    def spec(self, **changes: Any) -> ToolSpec:
        async def book(context: Any, day: str) -> ToolOutcome:
            self.keys.append(idempotency_key.get())
            await self.let_go.wait()
            return ToolOutcome(ok=True, data={"booked": day})

        return spec_of(book, **{"changes_something": True, "may_repeat": False, **changes})


async def test_a_change_goes_on_when_the_caller_speaks_and_is_recorded() -> None:
    booking = Booking()
    desk = Desk(booking.spec())
    running = asyncio.create_task(desk.run({"day": "Monday"}))
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    booking.let_go.set()
    await desk.runner.finish()
    assert [done.verdict for done in desk.recorded] == ["ok"]


async def test_the_same_change_asked_for_twice_is_made_once() -> None:
    booking = Booking()
    desk = Desk(booking.spec())
    twice = [asyncio.create_task(desk.run({"day": "Monday"})) for _time in range(2)]
    await asyncio.sleep(0.01)
    booking.let_go.set()
    done = await asyncio.gather(*twice)
    later = await desk.run({"day": "Monday"})
    other = await desk.run({"day": "Tuesday"})
    assert [one.verdict for one in (*done, later, other)] == ["ok", "repeated", "repeated", "ok"]
    assert done[0].result == done[1].result == later.result
    assert len(booking.keys) == 2


async def test_a_change_that_failed_may_be_tried_again_under_the_same_key() -> None:
    keys: list[str] = []

    async def book(context: Any) -> ToolOutcome:
        keys.append(idempotency_key.get())
        raise ToolError("Not just now.")

    desk = Desk(spec_of(book, changes_something=True, may_repeat=False))
    assert [(await desk.run()).verdict for _time in range(2)] == ["refused", "refused"]
    assert keys[0] and keys[0] == keys[1]


async def test_keys_differ_from_call_to_call_and_a_look_up_has_none() -> None:
    booking = Booking()
    booking.let_go.set()
    for call_sid in (CALL_SID, OTHER_CALL_SID):
        await Desk(booking.spec(), call_sid).run({"day": "Monday"})
    await Desk(booking.spec(changes_something=False)).run({"day": "Monday"})
    first, second, none = booking.keys
    assert first != second
    assert none == ""


async def test_a_quota_ends_what_never_ends() -> None:
    async def look_up(context: Any) -> ToolOutcome:
        return ToolOutcome(ok=True)

    desk = Desk(spec_of(look_up, most_runs=3))
    assert [(await desk.run()).verdict for _time in range(5)] == ["ok"] * 3 + ["quota"] * 2


async def test_there_is_a_quota_for_all_tools_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool_runner, "MOST_RUNS", 2)

    async def look_up(context: Any) -> ToolOutcome:
        return ToolOutcome(ok=True)

    desk = Desk(spec_of(look_up))
    assert [(await desk.run()).verdict for _time in range(3)] == ["ok", "ok", "quota"]


async def test_a_tool_the_model_was_not_shown_is_not_run() -> None:
    async def book(context: Any) -> ToolOutcome:
        raise AssertionError("It must not run.")

    desk = Desk(spec_of(book))
    assert (await desk.run(name="another_tool")).verdict == "not-offered"
    desk.runner.shown(frozenset())
    assert (await desk.run()).verdict == "not-offered"


async def test_it_answers_to_its_other_names_once_it_is_shown() -> None:
    async def look_up(context: Any) -> ToolOutcome:
        return ToolOutcome(ok=True)

    desk = Desk(spec_of(look_up, aliases=("look_up_by_phone",)))
    assert (await desk.run(name="look_up_by_phone")).verdict == "ok"
    desk.runner.shown(frozenset())
    assert (await desk.run(name="look_up_by_phone")).verdict == "not-offered"


async def test_a_reply_that_was_interrupted_does_not_leave_the_call() -> None:
    async def hang_up(context: Any) -> ToolOutcome:
        return ToolOutcome(ok=True)

    leaving, staying = Desk(spec_of(hang_up, leaves_the_call=True)), Desk(spec_of(hang_up))
    assert (await leaving.run(interrupted=True)).verdict == "interrupted"
    assert (await leaving.run()).verdict == "ok"
    assert (await staying.run(interrupted=True)).verdict == "ok"


async def test_it_measures_every_run() -> None:
    async def book(context: Any) -> ToolOutcome:
        raise ZeroDivisionError

    def runs() -> float:
        labels: Mapping[str, str] = {"tool": "the_tool", "outcome": "error"}
        return metrics.registry.get_sample_value("tool_run_ms_count", dict(labels)) or 0.0

    before = runs()
    await Desk(spec_of(book)).run()
    assert runs() == before + 1


async def test_a_name_the_model_made_up_is_no_label_of_its_own() -> None:
    async def book(context: Any) -> ToolOutcome:
        return ToolOutcome(ok=True)

    await Desk(spec_of(book)).run(name="a_name_that_was_made_up")
    labels = {"tool": "a_name_that_was_made_up", "outcome": "not-offered"}
    assert metrics.registry.get_sample_value("tool_run_ms_count", labels) is None
