"""What Twilio is told of a call whose stream broke: to connect it once more, or, when that was done
before, an apology and a person.

The server that is asked may be another than the one that carried the call.
"""

import time

from calls.adoption import adopt
from calls.busy import cut_off_for_good
from calls.caller_context import Prefetch
from calls.drain import drain
from calls.kept_twiml import was_kept
from calls.shared_store import StoreUnavailable, is_shared, shared_store
from calls.shared_ticket import SharedTicket
from calls.standing import Standing, read_standing
from calls.stream_answer import connect
from calls.tickets import CallTicket

MOST_RESUMED = 1
ASKED_SECONDS = 10.0  # how long it counts that Twilio has asked by itself


def next_twiml(ticket: CallTicket, resumed: int) -> str:
    """`ticket` is of the call as it was; `resumed`, how often it was connected anew before."""
    nobody_lets_in = drain.is_over and not is_shared()  # Another server might.
    if resumed >= MOST_RESUMED or nobody_lets_in:
        return cut_off_for_good(ticket.agent)
    # Whoever resumes the call knows the customer, or looks anew.
    return connect(ticket.anew(Prefetch(None), resumes=True))


async def left_by_another(call_sid: str) -> tuple[CallTicket, Standing] | None:
    """A call that another process carried, whose line is lost or whose process is gone."""
    standing = await read_standing(call_sid)
    if standing is None:
        return None
    ticket = await adopt(shared_ticket(standing))
    return None if ticket is None else (ticket, standing)


def shared_ticket(standing: Standing) -> SharedTicket:
    return SharedTicket(
        call_sid=standing.call_sid,
        account_sid=standing.account_sid,
        caller_number=standing.caller_number,
        agent_id=standing.agent_id,
        revision=standing.revision,
        rang_at=time.time(),
        resumes=True,
    )


async def note_asked(call_sid: str) -> None:
    """For the process that has lost the line: it need not tell Twilio what comes next."""
    try:
        await shared_store().put(f"asked:{call_sid}", "yes", ASKED_SECONDS)
    except StoreUnavailable:
        return


async def was_asked(call_sid: str) -> bool:
    return await was_kept(f"asked:{call_sid}")
