"""A message to the caller's own telephone."""

from typing import Annotated

from django.utils.translation import gettext as _

from catalog.stages import Stage
from catalog.tools.context import ToolContext, ToolError, ToolOutcome
from catalog.tools.kept_text import paragraphs
from catalog.tools.person import number_of
from catalog.tools.registry import tool
from catalog.tools.spec import Needs

MOST_CHARS = 1_000


# To the caller and nobody else: with a number among the parameters, anybody could be written to.
@tool(
    stage=Stage.FULL,
    timeout_seconds=6.0,
    changes_something=True,
    may_repeat=False,
    most_runs=3,
    needs=Needs.WHATSAPP,
)
async def send_whatsapp_message(
    context: ToolContext,
    text: Annotated[str, "What to write, at most 1,000 characters, in the caller's language."],
) -> ToolOutcome:
    """Send the person on this call a WhatsApp message, to the number they call from."""
    message = paragraphs(text)
    if not message:
        raise ToolError(_("What would you like me to write?"))
    if len(message) > MOST_CHARS:
        raise ToolError(_("That is too long for a message."))
    number_of(context)
    await context.send_whatsapp(message)
    return ToolOutcome(ok=True, say=_("I have sent you that on WhatsApp."))
