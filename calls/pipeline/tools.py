"""Tools of the catalog as Pipecat functions; running them is the session's affair."""

from collections.abc import Sequence
from typing import Any

from django.utils import translation
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.frames.frames import FunctionCallResultProperties, TTSSpeakFrame
from pipecat.processors.aggregators.llm_context import NOT_GIVEN, LLMContext
from pipecat.services.llm_service import FunctionCallParams, LLMService

from calls.pipeline.line import Line
from calls.tool_runner import ToolRequest, sorry
from catalog.tools.spec import ToolSpec

# A model that answers every result with another request would keep the caller in silence.
MOST_RUNS_IN_A_TURN = 12
MOST_IN_A_REPLY = 6  # of one reply; what it asks for beyond that is not begun


class _Schema(FunctionSchema):
    """The whole JSON Schema: the stock one drops `$defs`, to which its parts refer."""

    def __init__(self, tool: ToolSpec) -> None:
        schema = dict(tool.parameters)
        super().__init__(
            name=tool.name,
            description=tool.description,
            properties=dict(schema.get("properties", {})),
            required=list(schema.get("required", [])),
        )
        self._parameters = {"type": "object", "properties": {}, "required": [], **schema}

    def to_default_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "parameters": self._parameters,
        }


def function_schemas(tools: Sequence[ToolSpec]) -> Any:
    """What the model is told of them. They have no handlers: CallLLM takes every request."""
    # An empty list is refused by OpenAI.
    return [_Schema(tool) for tool in tools] or NOT_GIVEN


def tool_names(context: LLMContext) -> tuple[str, ...]:
    tools: Any = context.tools
    return tuple(schema.name for schema in getattr(tools, "standard_tools", ()))


async def run_function(params: FunctionCallParams, line: Line, *, interrupted: bool) -> None:
    """Take one request of the model. Its result goes back, and the model is asked again."""
    done = await line.run_tool(ToolRequest(params.function_name, params.arguments, interrupted))
    # Last words need no comment of the model, and a caller who spoke is answered anyway. None, and
    # not True: then the model is asked once, when the last tool of its reply has answered.
    silent = line.is_leaving or done.verdict == "interrupted"
    await params.result_callback(
        done.result.for_the_model(),
        properties=FunctionCallResultProperties(run_llm=False if silent else None),
    )


async def say_sorry(llm: LLMService[Any], line: Line) -> None:
    """In place of the answer that the model will not give: the caller would hear nothing."""
    with translation.override(line.language):
        await llm.push_frame(TTSSpeakFrame(sorry()))


def runs_since_the_caller_spoke(context: LLMContext) -> int:
    runs = 0
    for message in reversed(context.messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role == "user":
            break
        runs += role == "tool"
    return runs
