"""What the model is told of tools, and what becomes of its requests to run them."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI
from pipecat.frames.frames import (
    FunctionCallResultFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    TTSSpeakFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext

from calls.pipeline import providers
from calls.pipeline.providers import CallLLM
from calls.pipeline.tools import MOST_RUNS_IN_A_TURN, function_schemas
from catalog.tools.context import ToolOutcome
from catalog.tools.spec import ToolSpec
from tests.calls.pipeline.fake_line import FakeLine
from tests.calls.pipeline.running import running

SCHEMA = {
    "type": "object",
    "properties": {"size": {"$ref": "#/$defs/size"}},
    "required": ["size"],
    "$defs": {"size": {"enum": ["small", "large"]}},
}


async def order(context: Any, **arguments: Any) -> ToolOutcome:
    return ToolOutcome(ok=True)


ORDER = ToolSpec("order", "Orders a cake.", SCHEMA, order)


def chunk(**delta: Any) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    document = {
        "id": "0",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [choice],
    }
    return f"data: {json.dumps(document)}\n\n"


class ToolCallingModel:
    """Answers every question with a request to run a tool."""

    def __init__(self, name: str, arguments: str = "{}") -> None:
        self.asked: list[dict[str, Any]] = []
        self.while_it_thinks: Callable[[], None] = lambda: None
        function = {"name": name, "arguments": arguments}
        call = {"index": 0, "id": "call_1", "type": "function", "function": function}
        self._text = chunk(role="assistant", tool_calls=[call]) + "data: [DONE]\n\n"
        self.client = AsyncOpenAI(
            api_key="none",
            base_url="http://model.example.org/v1",
            http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer)),
        )

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content))
        self.while_it_thinks()
        headers = {"content-type": "text/event-stream"}
        return httpx2.Response(200, headers=headers, text=self._text)


def question(*tools: ToolSpec, messages: tuple[Any, ...] = ()) -> LLMContextFrame:
    asked: Any = {"role": "user", "content": "A large cake, please."}
    return LLMContextFrame(LLMContext([asked, *messages], tools=function_schemas(tools)))


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[ToolCallingModel], None]:
    def use_it(model: ToolCallingModel) -> None:
        monkeypatch.setattr(providers, "openai_client", lambda: model.client)

    return use_it


Use = Callable[[ToolCallingModel], None]


async def test_the_whole_schema_reaches_the_wire(use: Use) -> None:
    model, line = ToolCallingModel("order", '{"size": "large"}'), FakeLine()
    use(model)
    async with running(CallLLM(line, "You sell cakes.")) as pipeline:
        await pipeline.send(question(ORDER))
        await pipeline.down.next(FunctionCallResultFrame)
    function = model.asked[0]["tools"][0]["function"]
    assert function == {"name": "order", "description": "Orders a cake.", "parameters": SCHEMA}
    assert ("model asked", ("order",)) in line.told
    assert ("tool", "order", {"size": "large"}, False) in line.told


async def test_no_tools_are_not_an_empty_list(use: Use) -> None:
    model = ToolCallingModel("order")
    use(model)
    async with running(CallLLM(FakeLine(), "You sell cakes.")) as pipeline:
        await pipeline.send(question())
        await pipeline.down.next(LLMFullResponseEndFrame)
    assert "tools" not in model.asked[0]


async def test_a_tool_that_does_not_exist_is_the_lines_affair_as_well(use: Use) -> None:
    model, line = ToolCallingModel("read_all_customers"), FakeLine()
    use(model)
    async with running(CallLLM(line, "You sell cakes.")) as pipeline:
        await pipeline.send(question(ORDER))
        await pipeline.down.next(FunctionCallResultFrame)
    assert ("tool", "read_all_customers", {}, False) in line.told


async def test_a_request_of_a_reply_that_was_cut_off_says_so_and_is_not_answered(use: Use) -> None:
    model, line = ToolCallingModel("order"), FakeLine()
    use(model)

    def interrupt() -> None:
        line.interruptions += 1

    model.while_it_thinks = interrupt
    async with running(CallLLM(line, "You sell cakes.")) as pipeline:
        await pipeline.send(question(ORDER))
        await pipeline.down.next(FunctionCallResultFrame)
    assert ("tool", "order", {}, True) in line.told


async def test_a_model_that_only_runs_tools_is_stopped_and_the_caller_hears_something(
    use: Use,
) -> None:
    model, line = ToolCallingModel("order"), FakeLine()
    use(model)
    done: Any = {"role": "tool", "content": "{}", "tool_call_id": "call_0"}
    async with running(CallLLM(line, "You sell cakes.")) as pipeline:
        await pipeline.send(question(ORDER, messages=(done,) * MOST_RUNS_IN_A_TURN))
        assert (await pipeline.down.next(TTSSpeakFrame)).text == "That did not work just now."
        await pipeline.down.next(LLMFullResponseEndFrame)
    assert not [told for told in line.told if told[0] == "tool"]
    assert ("milestone", "too many tools") in line.told
    assert len(model.asked) == 1


async def test_a_request_that_cannot_be_read_is_not_met_with_silence(use: Use) -> None:
    model, line = ToolCallingModel("order", '{"size": "lar'), FakeLine()
    use(model)
    async with running(CallLLM(line, "You sell cakes.")) as pipeline:
        await pipeline.send(question(ORDER))
        assert (await pipeline.down.next(TTSSpeakFrame)).text == "That did not work just now."
    assert ("milestone", "tool request unreadable") in line.told


async def test_the_model_is_asked_again_when_the_last_tool_of_its_reply_has_answered(
    use: Use,
) -> None:
    """To a result that orders a run by itself, Pipecat gives one, whatever is still under way."""
    model, line = ToolCallingModel("order", '{"size": "large"}'), FakeLine()
    use(model)
    async with running(CallLLM(line, "You sell cakes.")) as pipeline:
        await pipeline.send(question(ORDER))
        result = await pipeline.down.next(FunctionCallResultFrame)
    assert result.properties is not None
    assert result.properties.run_llm is None
