"""Ending the call, or handing it over."""

import unicodedata
from collections.abc import Sequence
from typing import Annotated

from django.utils.translation import gettext as _

from catalog.stages import Stage
from catalog.tools.context import ToolContext, ToolError, ToolOutcome, TransferTarget
from catalog.tools.registry import tool
from catalog.tools.spec import Needs


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


@tool(
    stage=Stage.CRITICAL,
    changes_something=True,
    leaves_the_call=True,
    needs=Needs.TRANSFER_TARGETS,
)
async def transfer_call(
    context: ToolContext,
    *,
    to: Annotated[str, "One of the names you were given, or empty for the usual person."] = "",
    announcement: Annotated[
        str, "One short sentence, in the caller's language: that you put them through."
    ],
    summary: Annotated[str, "One line for the colleague who picks up: what the caller wants."],
) -> ToolOutcome:
    """Put the caller through to a colleague and leave the call. Use it when the caller asks for a
    person, or needs what you cannot do. Put the announcement into the argument and do not say it
    yourself.
    """
    target = _chosen(to, context.transfer_targets)
    said = announcement.strip() or _("One moment, I am putting you through.")
    await context.transfer(target, said, summary.strip())
    return ToolOutcome(ok=True)


def _chosen(to: str, targets: Sequence[TransferTarget]) -> TransferTarget:
    """One of the targets and nobody else, or ToolError with the choices."""
    wanted = to.strip()
    exact = [target for target in targets if wanted in (target.name, target.number)]
    alike = [target for target in targets if _plain(target.name) == _plain(wanted) != ""]
    # Whoever names nobody means the usual person, whose name is empty; or the only one there is.
    found = exact[:1] or alike or ([] if wanted else list(targets))
    if len(found) != 1:
        raise ToolError(_choices([target.name for target in targets]))
    return found[0]


def _choices(names: Sequence[str]) -> str:
    named = [name for name in names if name]
    if not named:
        # An empty name is the usual person; without that one the tool is not even offered.
        return _("I can only put you through to a colleague, whoever picks up.")
    if len(named) < len(names):
        return _("I can put you through to a colleague, or to one of these: %(names)s.") % {
            "names": ", ".join(named)
        }
    return _("I can put you through to one of these: %(names)s.") % {"names": ", ".join(named)}


def _plain(name: str) -> str:
    """Without case, accents, punctuation and spaces: what transcribing a name gets wrong."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
