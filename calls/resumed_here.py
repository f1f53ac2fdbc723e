"""A call that another process carried goes on in this one, from where that left it."""

import dataclasses

from calls import metrics
from calls.caller_context import Prefetch
from calls.live import live_calls
from calls.session import CallSession
from calls.socket import Socket
from calls.standing import Standing, clock_of, take_standing
from calls.tickets import CallTicket


async def resumed_here(ticket: CallTicket, stream_sid: str, socket: Socket) -> CallSession | None:
    """None when the call is over, or somebody else has it."""
    standing = await take_standing(ticket.call_sid)
    ticket.prefetch.cancel()
    if standing is None:
        return None
    known = dataclasses.replace(ticket, prefetch=Prefetch(ticket.caller_number))
    session = CallSession(known, stream_sid, socket, clock_of(standing), standing)
    await session.begin()
    live_calls.run(session, session.run())
    _tell(known, standing, session)
    return session


def _tell(ticket: CallTicket, left: Standing, session: CallSession) -> None:
    used = ticket.snapshot.revision
    revision = str(used) if used == left.revision else f"{left.revision} → {used}"
    metrics.lines_resumed.inc()
    session.milestone("resumed by another server", revision)
    if ticket.agent.record_calls:
        session.milestone("recording ends here")
