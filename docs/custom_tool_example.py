"""An example of a tool file: copy it into the folder that CUSTOM_TOOLS_DIR names."""

from typing import Annotated, Literal

from catalog.stages import Stage
from catalog.tools.context import ToolContext, ToolError, ToolOutcome
from catalog.tools.registry import tool

PRICES = {"check-up": 40, "cleaning": 65}
LONGEST_STAY_DAYS = 30


# The docstring's first paragraph is all that the model knows of the tool, and the types and the
# plain text beside them all that it knows of the parameters.
@tool(stage=Stage.FULL)
async def price_of_treatment(
    context: ToolContext,
    treatment: Annotated[Literal["check-up", "cleaning"], "What the caller asks about."],
    people: Annotated[int, "How many people it is for."] = 1,
) -> ToolOutcome:
    """Tell what a treatment costs. Use it whenever the caller asks for a price."""
    if people < 1:
        raise ToolError("For how many people would that be?")  # The agent can say this as it is.
    total = PRICES[treatment] * people
    return ToolOutcome(ok=True, data={"total": total, "currency": "EUR"})


# Without "async" it runs in a thread: use that for whatever waits, such as a database or a file.
# The model may ask for the same twice; with may_repeat=False it is carried out once in a call.
@tool(stage=Stage.FULL, changes_something=True, may_repeat=False, timeout_seconds=3.0)
def note_length_of_stay(
    context: ToolContext, days: Annotated[int, "For how many days the caller stays."]
) -> ToolOutcome:
    """Note down how long the caller is going to stay."""
    if not 1 <= days <= LONGEST_STAY_DAYS:
        return ToolOutcome(ok=False, say="We only note down stays of up to thirty days.")
    return ToolOutcome(ok=True, data={"days": days})
