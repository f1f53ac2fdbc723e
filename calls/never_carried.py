"""What Twilio is told of a caller whom nobody has on the line, and who has not heard a goodbye: the
stream never started, or the only server was lost with it.

Hung up on, they would have heard nothing at all. They are connected once more, if it is known that
nobody has greeted them; else they hear an apology and are put through to a person.
"""

from django.http import HttpRequest
from django.utils import timezone

from calls import twiml
from calls.busy import all_lines_busy, cut_off_for_good
from calls.call_log import call_log
from calls.caller_context import Prefetch
from calls.happenings import CallOver, Milestone
from calls.kept_twiml import is_over, keep, was_kept
from calls.models import EndedBy
from calls.shared_store import is_shared
from calls.stream_answer import connect
from calls.tickets import tickets
from calls.timing import Timings
from calls.views import agent_asked_for, catalog_in_use, has_room, ticket_of

AGAIN_SECONDS = 60.0
# Twilio may repeat a request, gets the same, and follows one answer: so two, for one more try.
MOST_ANSWERS = 2


async def next_for_nobodys(request: HttpRequest) -> str:
    """The TwiML."""
    call_sid = request.POST["CallSid"]
    if await is_over(call_sid):
        return twiml.hang_up()
    snapshot = await catalog_in_use()
    if snapshot is None:
        return twiml.not_in_service()
    rang_here = tickets.of_call(call_sid)
    agent = rang_here.agent if rang_here else agent_asked_for(request, snapshot)
    if agent is None:
        return twiml.not_in_service()
    # What another server carried, the store knew; without one, it was carried here and is lost.
    nobody_greeted = rang_here is not None or is_shared()
    if nobody_greeted and await _may_be_connected(call_sid):
        if not has_room(agent, call_sid):
            return all_lines_busy(agent)
        if rang_here is None:
            return connect(ticket_of(request, agent, snapshot))
        prefetch = Prefetch(rang_here.caller_number, call_sid=call_sid)
        return connect(rang_here.anew(prefetch, resumes=rang_here.resumes))
    call_log.post(Milestone(call_sid, "nobody on the line", 0.0))
    call_log.post(CallOver(call_sid, EndedBy.ERROR, timezone.now(), 0.0, Timings()))
    return cut_off_for_good(agent)


async def _may_be_connected(call_sid: str) -> bool:
    """And remembers it."""
    for number in range(MOST_ANSWERS):
        answered = f"again:{call_sid}:{number}"
        if not await was_kept(answered):
            return await keep(answered, "yes", AGAIN_SECONDS)
    return False
