"""catalog/stages.py: critical, then essential, then full."""

import pytest

from catalog.stages import Stage, includes

C, E, F = Stage.CRITICAL, Stage.ESSENTIAL, Stage.FULL


@pytest.mark.parametrize(
    ("stage", "included"),
    [(C, {C}), (E, {C, E}), (F, {C, E, F})],
    ids=["critical", "essential", "full"],
)
def test_it_includes_the_stages_before_it(stage: Stage, included: set[Stage]) -> None:
    assert {tool_stage for tool_stage in Stage if includes(stage, tool_stage)} == included
