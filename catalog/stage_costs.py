"""What the tools of a stage cost: each is described to the model at every turn."""

import json
from dataclasses import dataclass

from catalog.prompt_tokens import about_tokens
from catalog.snapshot import OfferedTool
from catalog.stages import Stage, includes
from catalog.tools.registry import ToolSpec


@dataclass(frozen=True, slots=True)
class StageCost:
    """`tools` and `tokens` are all that the model is offered once a call has reached `stage`."""

    stage: Stage
    tools: int
    tokens: int


def tool_tokens(spec: ToolSpec) -> int:
    """About, from the JSON that is sent."""
    function = {
        "name": spec.name,
        "description": spec.description,
        "parameters": dict(spec.parameters),
    }
    return about_tokens(json.dumps({"type": "function", "function": function}))


def stage_costs(offered: tuple[OfferedTool, ...]) -> tuple[StageCost, ...]:
    costs = []
    for stage in Stage:
        specs = [tool.spec for tool in offered if includes(stage, tool.stage)]
        costs.append(StageCost(stage, len(specs), sum(map(tool_tokens, specs))))
    return tuple(costs)
