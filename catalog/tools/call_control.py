"""Ending the call, or handing it over."""

from typing import Annotated

from catalog.stages import Stage
from catalog.tools.context import ToolContext, ToolOutcome
from catalog.tools.registry import tool


@tool(stage=Stage.CRITICAL, changes_something=True, leaves_the_call=True)
async def end_call(
    context: ToolContext,
    goodbye: Annotated[str, "One short farewell sentence, in the caller's language."],
) -> ToolOutcome:
    """Say goodbye and hang up. Use it when the caller has said goodbye or needs nothing more.
    Put the farewell into the argument and do not say it yourself.
    """
    await context.end_call(goodbye.strip())
    return ToolOutcome(ok=True)
