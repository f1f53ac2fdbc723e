"""Who is calling?"""

from catalog.stages import Stage
from catalog.tools.context import ToolContext, ToolOutcome
from catalog.tools.registry import tool


# No phone number among the parameters: a caller could otherwise ask for anybody's record.
@tool(stage=Stage.ESSENTIAL, aliases=("get_customer_by_phone",))
async def get_customer(context: ToolContext) -> ToolOutcome:
    """Tell what is on record about the person on this call."""
    customer = context.caller.customer
    if customer is None:
        return ToolOutcome(ok=True, data={"known": False})
    return ToolOutcome(
        ok=True,
        data={
            "known": True,
            "name": customer.name,
            "language": customer.language,
            "status": customer.status,
            "notes": customer.notes,
            "facts": list(customer.facts),
        },
    )
