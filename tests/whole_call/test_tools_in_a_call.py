"""A tool that takes long, one that is asked for twice, and what the record tells of both."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Iterator

import pytest

from catalog.tools import registry
from catalog.tools.context import ToolContext, ToolOutcome
from rehearsal.caller import HangUp, Pause, Speak, WaitForAgent
from rehearsal.providers import openai_chat
from rehearsal.providers.answers import Answer, CallTool
from rehearsal.providers.conversation import Conversation
from rehearsal.providers.receptionist import answer
from tests.whole_call.rig import KNOWN_NUMBER, Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETING_END = WaitForAgent("finished")
ONE_MOMENT = "One moment"

UseClock = Callable[..., None]


class Clock:
    """Takes the place of get_current_time, which the scripted model knows how to use."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.runs = 0
        self.finished = 0

    async def __call__(self, context: ToolContext) -> ToolOutcome:
        self.runs += 1
        await asyncio.sleep(self.seconds)
        self.finished += 1
        return ToolOutcome(ok=True, say="It is noon.")


@pytest.fixture
def use_clock(rig: Rig) -> Iterator[UseClock]:
    spec = registry._registered["get_current_time"]

    def use(clock: Callable[[ToolContext], Awaitable[ToolOutcome]], **changes: object) -> None:
        registry._registered[spec.name] = dataclasses.replace(spec, handler=clock, **changes)  # type: ignore[arg-type]
        rig.edit_agent(business_name="With another clock")

    yield use
    registry._registered[spec.name] = spec
    rig.edit_agent(business_name="With its own clock")


async def test_a_slow_tool_is_bridged_by_the_one_moment_clip_and_its_answer_not_delayed(
    rig: Rig, use_clock: UseClock
) -> None:
    clock = Clock(3.0)
    use_clock(clock)
    report = await rig.call(
        GREETING_END,
        Speak("what-time"),
        WaitForAgent("finished"),  # one moment, please
        WaitForAgent("finished"),  # it is noon
        HangUp(),
    )
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    _greeting, _question, bridge, answer = record["transcript"]
    assert bridge["speaker"] == "agent" and ONE_MOMENT in bridge["text"]
    assert not bridge["interrupted"]
    assert "noon" in answer["text"]
    (run,) = record["tool_runs"]
    assert run["outcome"] == "ok" and 2_900 <= run["ms"] <= 4_500
    # The caller hears the clip a second into the wait, and the answer when there is one.
    asked_ms = report.said[0].end_ms
    assert abs(report.replies[0].start_ms - bridge["at_ms"]) < 400
    assert 1_000 < bridge["at_ms"] - asked_ms < 3_500
    assert answer["at_ms"] - asked_ms < 3_000 + 2_500
    # The clip went to the caller alone: the model is not told that it spoke.
    assert ONE_MOMENT not in str(rig.conversations())


async def test_a_quick_tool_is_not_bridged(rig: Rig) -> None:
    report = await rig.call(GREETING_END, Speak("what-time"), WaitForAgent("finished"), HangUp())
    assert report.ok, report.failures
    assert ONE_MOMENT not in str(rig.record(report.call_sid)["transcript"])


async def test_a_change_the_caller_speaks_into_is_finished_and_made_once(
    rig: Rig, use_clock: UseClock
) -> None:
    clock = Clock(2.5)
    use_clock(clock, changes_something=True, may_repeat=False)
    report = await rig.call(
        GREETING_END,
        Speak("what-time"),
        Pause(1_600.0),
        Speak("what-time"),
        WaitForAgent("finished"),
        Pause(1_500.0),  # for the case that the clip came first
        HangUp(),
    )
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    assert [run["outcome"] for run in record["tool_runs"]] == ["ok", "repeated"]
    assert (clock.runs, clock.finished) == (1, 1)
    assert "noon" in str(record["transcript"])


async def test_a_change_is_finished_when_the_caller_hangs_up_into_it(
    rig: Rig, use_clock: UseClock
) -> None:
    clock = Clock(2.0)
    use_clock(clock, changes_something=True, may_repeat=False)
    report = await rig.call(GREETING_END, Speak("what-time"), Pause(1_600.0), HangUp())
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "caller"
    assert [run["outcome"] for run in record["tool_runs"]] == ["ok"]
    assert (clock.runs, clock.finished) == (1, 1)


async def test_the_record_tells_which_tools_each_reply_could_have_used(rig: Rig) -> None:
    report = await rig.call(
        GREETING_END,
        Speak("ask-hours"),
        WaitForAgent("finished"),
        Speak("who-am-i"),
        WaitForAgent("finished"),
        HangUp(),
    )
    assert report.ok, report.failures
    said = rig.record(report.call_sid)["transcript"]
    greeting, first, second = [line for line in said if line["speaker"] == "agent"]
    assert greeting["tools_offered"] is None, "the greeting is nobody's reply"
    assert "get_current_time" in first["tools_offered"]
    assert "get_customer" not in first["tools_offered"]
    assert "get_customer" in second["tools_offered"]
    assert set(first["tools_offered"]) < set(second["tools_offered"])
    offered = [
        [tool["function"]["name"] for tool in request["tools"]] for request in rig.model_requests()
    ]
    assert first["tools_offered"] == offered[0]
    assert second["tools_offered"] == offered[-1]


async def test_two_tools_of_one_reply_are_answered_together_and_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As models ask for them by default; the scripted one never does by itself."""
    rig.edit_agent(tools_at_start="essential", tools_later="essential")

    def asks_for_two(conversation: Conversation) -> Answer:
        if conversation.caller_words and not conversation.tool_results:
            return CallTool("get_customer", beside=(CallTool("list_appointments"),))
        return answer(conversation)

    monkeypatch.setattr(openai_chat, "answer", asks_for_two)
    report = await rig.call(
        GREETING_END,
        Speak("who-am-i"),
        WaitForAgent("finished"),
        HangUp(),
        from_number=KNOWN_NUMBER,
    )
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    assert [run["name"] for run in record["tool_runs"]] == ["get_customer", "list_appointments"]
    assert len(rig.model_requests()) == 2
    assert "IN_PROGRESS" not in str(rig.conversations())
    _greeting, _question, said = record["transcript"]
    assert "Maria" in said["text"] and "no appointment" in said["text"]
