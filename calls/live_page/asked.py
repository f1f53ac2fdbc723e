"""What does a page's message ask for, and what is it answered? Whatever comes, in a sentence."""

import json
import secrets
from dataclasses import dataclass

from django.utils.translation import gettext as _

from calls.live_page.orders import MOST_GUIDANCE, Outcome
from calls.live_page.wire import Order

KINDS = frozenset({"hang-up", "transfer", "whisper"})
MOST_CHARACTERS = 4_000  # of a message: guidance of 500 characters, each escaped, fits
MOST_OF_AN_ID = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """`page_id` is the page's own name for it, which the answer carries."""

    page_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    page_id: str
    why: str


def asked(text: str | None) -> Asked | NotUnderstood:
    """Never raises."""
    try:
        message = json.loads(text) if text and len(text) <= MOST_CHARACTERS else None
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        return NotUnderstood("", _("This was not understood."))
    page_id = message.get("id")
    page_id = page_id[:MOST_OF_AN_ID] if isinstance(page_id, str) else ""
    kind, call_sid, words = (message.get(key, "") for key in ("order", "call", "text"))
    if not (isinstance(call_sid, str) and isinstance(words, str) and isinstance(kind, str)):
        return NotUnderstood(page_id, _("This was not understood."))
    if kind not in KINDS:
        return NotUnderstood(page_id, _("This was not understood."))
    if kind == "whisper" and not 0 < len(words.strip()) <= MOST_GUIDANCE:
        why = _("Write one sentence or two, at most %(most)d characters.") % {"most": MOST_GUIDANCE}
        return NotUnderstood(page_id, why)
    return Asked(page_id, Order(secrets.token_hex(8), call_sid, kind, "", words.strip()))


def answer(order: Order, outcome: str) -> str:
    if outcome == Outcome.DONE:
        return {
            "hang-up": _("The call is being ended."),
            "transfer": _(
                "The caller is told, and then put through. If the caller speaks meanwhile, the "
                "agent stays."
            ),
            "whisper": _("The agent follows it from its next reply on."),
        }[order.kind]
    return {
        Outcome.OVER: _("This call is over already."),
        Outcome.NOT_READY: _("The agent is not ready yet. Try again in a moment."),
        Outcome.NO_TARGET: _("This agent transfers calls to nobody of that name."),
        Outcome.LEAVING: _("The agent is about to end or transfer this call already."),
    }.get(Outcome(outcome), _("This did not work. Look at the server's log."))


def not_reached() -> str:
    return _("The server that carries this call did not answer. Try again in a moment.")
