"""What comes next, asks Twilio, when our socket is closed and the caller may still be there."""

from django.http import HttpRequest, HttpResponse

from calls import twiml
from calls.busy import all_lines_busy
from calls.call_rows import TWILIO_FINAL
from calls.kept_twiml import next_kept
from calls.live import live_calls
from calls.never_carried import next_for_nobodys
from calls.resuming import MOST_RESUMED, left_by_another, next_twiml, note_asked
from calls.views import from_twilio, has_room, xml


@from_twilio
async def stream_ended(request: HttpRequest) -> HttpResponse:
    """A call that ended as it should is hung up, an agreed transfer dialled, and a caller whose
    line broke connected once more. Twilio may ask twice: it gets the same, and follows one answer.
    """
    if request.POST.get("CallStatus", "") in TWILIO_FINAL:
        return xml(twiml.hang_up())
    known = await _what_comes_next(request.POST["CallSid"])
    return xml(await next_for_nobodys(request) if known is None else known)


async def _what_comes_next(call_sid: str) -> str | None:
    """None: nobody has this call, and nobody has ended it."""
    kept = await next_kept(call_sid)
    carried = live_calls.get(call_sid)
    if kept is not None:
        await note_asked(call_sid)
        if carried is not None:
            carried.was_asked()
        return kept
    if carried is not None:
        return carried.asked_what_comes_next()
    left = await left_by_another(call_sid)
    if left is None:
        return None
    ticket, standing = left
    await note_asked(call_sid)
    if standing.resumed < MOST_RESUMED and not has_room(ticket.agent, call_sid):
        return all_lines_busy(ticket.agent)
    return next_twiml(ticket, standing.resumed)
