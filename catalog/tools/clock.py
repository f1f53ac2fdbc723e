"""What time is it?"""

from catalog.stages import Stage
from catalog.tools.context import ToolContext, ToolOutcome
from catalog.tools.registry import tool


@tool(stage=Stage.CRITICAL)
async def get_current_time(context: ToolContext) -> ToolOutcome:
    """Tell the current date, day of the week and time at the business."""
    now = context.now()
    return ToolOutcome(
        ok=True,
        data={
            "date": now.date().isoformat(),
            "weekday": f"{now:%A}",
            "time": f"{now:%H:%M}",
            "time_zone": context.time_zone,
        },
    )
