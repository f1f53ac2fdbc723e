"""Tools of the catalog as Pipecat functions; running them is the session's affair."""

from collections.abc import Sequence
from typing import Any

from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.frames.frames import FunctionCallResultProperties
from pipecat.services.llm_service import FunctionCallParams

from calls.pipeline.line import Line
from catalog.tools.registry import ToolSpec


def function_schemas(tools: Sequence[ToolSpec], line: Line) -> list[Any]:
    """Their schemas, each with its handler: Pipecat registers those by itself."""
    return [_function_schema(tool, line) for tool in tools]


def _function_schema(tool: ToolSpec, line: Line) -> FunctionSchema:
    async def handler(params: FunctionCallParams) -> None:
        outcome = await line.run_tool(tool, params.arguments)
        await params.result_callback(
            {"ok": outcome.ok, **outcome.data, **({"say": outcome.say} if outcome.say else {})},
            # The goodbye of a call that is ending needs no comment of the model.
            properties=FunctionCallResultProperties(run_llm=not line.is_leaving),
        )

    return FunctionSchema(
        name=tool.name,
        description=tool.description,
        properties=dict(tool.parameters.get("properties", {})),
        required=list(tool.parameters.get("required", [])),
        handler=handler,
    )
