"""No word of what the caller clearly said was understood: they are told, and asked for it again."""

from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from calls.line import CallLine

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent


async def ask_to_repeat(agent: "Agent", line: CallLine) -> None:
    """In place of the silence in which both would wait for each other."""
    while True:
        await line.not_understood.wait()
        line.not_understood.clear()
        if _they_hear_something(line):
            continue
        line.milestone("not understood")
        with translation.override(line.language):
            await agent.ask_to_repeat(
                _("Sorry, I could not hear that. Could you say it again, please?")
            )


def _they_hear_something(line: CallLine) -> bool:
    """Or will, or are still speaking."""
    return (
        line.transcript.caller_speaks
        or line.playout.lead_seconds > 0.0
        or line.reply_wait.is_on
        or line.reply_wait.tool_runs
        or line.is_leaving
        or line.failed_provider.is_set()
    )
