"""catalog/stage_costs.py: what the tools of a stage cost at every turn."""

import pytest

from catalog.snapshot import OfferedTool
from catalog.snapshot_parts import offered_tools
from catalog.stage_costs import StageCost, stage_costs, tool_tokens
from catalog.stages import Stage
from catalog.tools.registry import ToolSpec, all_tools, lookup


def found(name: str) -> ToolSpec:
    spec = lookup(name)
    assert spec is not None
    return spec


def test_a_stage_costs_what_the_stages_before_it_cost_and_its_own() -> None:
    end_call, clock = found("end_call"), found("get_current_time")
    offered = (OfferedTool(end_call, Stage.CRITICAL), OfferedTool(clock, Stage.FULL))
    first, both = tool_tokens(end_call), tool_tokens(end_call) + tool_tokens(clock)
    assert stage_costs(offered) == (
        StageCost(Stage.CRITICAL, 1, first),
        StageCost(Stage.ESSENTIAL, 1, first),
        StageCost(Stage.FULL, 2, both),
    )


def test_no_tools_cost_nothing() -> None:
    assert [(cost.tools, cost.tokens) for cost in stage_costs(())] == [(0, 0)] * 3


@pytest.mark.parametrize("spec", all_tools(), ids=lambda spec: spec.name)
def test_what_a_tool_costs_grows_with_what_the_model_is_told_of_it(spec: ToolSpec) -> None:
    # About four characters a token, and the JSON around them.
    assert tool_tokens(spec) > len(spec.description) / 4
    assert tool_tokens(spec) < len(spec.description) + 400


@pytest.mark.django_db
def test_every_registered_tool_is_counted_once_all_are_offered() -> None:
    assert stage_costs(offered_tools(()))[-1].tools == len(all_tools())
