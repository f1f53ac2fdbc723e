"""What a colleague's order does to a call, in the process that carries it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from calls.line import CallLine
from calls.live_page.wire import Card, Order
from calls.models import EndedBy
from calls.tickets import CallTicket

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent

logger = logging.getLogger(__name__)

MOST_GUIDANCE = 500  # characters
KEPT_OF_GUIDANCE = 200  # in the record


class Outcome(StrEnum):
    DONE = "done"
    OVER = "over"
    NOT_READY = "not-ready"
    NO_TARGET = "no-target"
    LEAVING = "leaving"
    FAILED = "failed"


@dataclass(frozen=True, eq=False, slots=True)
class Carried:
    """A call as an order may touch it. There is no agent before it is built."""

    line: CallLine
    ticket: CallTicket
    agent: "Callable[[], Agent | None]"

    def card(self) -> Card:
        spec, customer = self.ticket.agent, self.line.tools.caller.customer
        return Card(
            call_sid=self.line.call_sid,
            number=self.ticket.caller_number or "",
            agent=spec.name,
            customer=customer.name if customer is not None else "",
            age_ms=self.line.clock.ms(),
            targets=tuple(target.name for target in spec.transfer_targets),
        )


async def carry_out(order: Order, carried: Carried) -> Outcome:
    """Never raises."""
    if carried.line.over.is_set():
        return Outcome.OVER
    try:
        if order.kind == "hang-up":
            carried.line.end(EndedBy.STAFF)
            return Outcome.DONE
        agent = carried.agent()
        if agent is None or not carried.line.ready.is_set():
            return Outcome.NOT_READY
        if order.kind == "transfer":
            return await _transfer(order, carried)
        await agent.guide(order.text[:MOST_GUIDANCE])
        carried.line.milestone("guidance", f"{order.who}: {order.text}"[:KEPT_OF_GUIDANCE])
        return Outcome.DONE
    except Exception:  # A root: an order that fails must not end anybody's call.
        logger.exception("An order to call %s failed.", order.call_sid)
        return Outcome.FAILED


async def _transfer(order: Order, carried: Carried) -> Outcome:
    """Announced in the agent's language, then handed over, as the agent's own tool does it."""
    tools = carried.line.tools
    target = next((it for it in tools.transfer_targets if it.name == order.text), None)
    if target is None:
        return Outcome.NO_TARGET
    if tools.leaving:
        return Outcome.LEAVING
    with translation.override(tools.language):
        announcement = _("One moment, I am putting you through.")
    await tools.transfer(target, announcement, "")
    return Outcome.DONE
