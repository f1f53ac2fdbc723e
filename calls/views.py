"""What do we tell Twilio? Async, and without a database read: the phone is ringing."""

import functools
import re
import time
from collections.abc import Callable, Coroutine
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from calls import metrics, refusals, twiml, warmup
from calls.auth import webhook_is_signed
from calls.busy import all_lines_busy
from calls.call_log import call_log
from calls.call_rows import TWILIO_FINAL
from calls.caller_context import Prefetch
from calls.drain import drain
from calls.happenings import CallRang, StatusReported, StreamReported, TurnedAway
from calls.live import live_calls
from calls.opening import needs_the_agent
from calls.refusals import Refused
from calls.stream_answer import connect
from calls.tickets import CallTicket, tickets
from catalog import warmup as catalog_warmup
from catalog.snapshot import AgentSpec, CatalogSnapshot
from customers.phone import normalise

View = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]

MOST_CALLS = 10_000  # no limit
CALL_SID = re.compile(r"CA[0-9a-f]{32}")
ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")


def plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")


def xml(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="text/xml; charset=utf-8")


def signed(**fields: re.Pattern[str]) -> Callable[[View], View]:
    """Let only form posts through that Twilio signed, and whose fields look like this."""

    def guarded(view: View) -> View:
        @functools.wraps(view)
        async def checked(request: HttpRequest) -> HttpResponse:
            if request.method != "POST":
                response = plain(405, "Twilio posts here.")
                response["Allow"] = "POST"
                return response
            signature = request.headers.get("X-Twilio-Signature")
            if not webhook_is_signed(request.get_full_path(), request.POST, signature):
                refusals.note(Refused.WEBHOOK_SIGNATURE)
                return plain(403, "The signature is missing or wrong.")
            for name, pattern in fields.items():
                if not pattern.fullmatch(request.POST.get(name, "")):
                    return plain(400, f"{name} is missing or malformed.")
            return await view(request)

        return csrf_exempt(checked)

    return guarded


from_twilio = signed(CallSid=CALL_SID, AccountSid=ACCOUNT_SID)  # about one call


@from_twilio
async def incoming_call(request: HttpRequest) -> HttpResponse:
    """A phone rings: answer with a stream to us, and start to find out who it is."""
    arrived_at = time.monotonic()
    if not request.POST.get("To"):
        return plain(400, "To is missing.")
    snapshot = await catalog_in_use()
    if snapshot is None:
        return plain(503, "Not ready yet.")
    if drain.is_on and not _is_known(request.POST["CallSid"]):
        return _ask_elsewhere()
    answer = _answer(request, snapshot, arrived_at)
    metrics.webhook_ms.observe((time.monotonic() - arrived_at) * 1000.0)
    return answer


def _is_known(call_sid: str) -> bool:
    """The webhook came again: its call is on the line here, or on its way to here."""
    return call_sid in live_calls or tickets.expects(call_sid)


def _ask_elsewhere() -> HttpResponse:
    """This server is about to stop. A proxy asks another; without one, Twilio asks the number's
    Voice fallback. Told that all lines are busy, the caller would be gone.
    """
    refusals.note(Refused.SERVER_STOPS)
    refused = plain(503, "This server is about to stop.")
    refused["Retry-After"] = "1"
    return refused


async def catalog_in_use() -> CatalogSnapshot | None:
    """The catalog, once this process is ready to answer calls."""
    if not warmup.report().ready:
        return None
    try:
        await warmup.ensure_catalog()
        return catalog_warmup.current()
    except catalog_warmup.CatalogNotReady:
        return None


def agent_asked_for(request: HttpRequest, snapshot: CatalogSnapshot) -> AgentSpec | None:
    """None when nobody answers the number that was dialled."""
    dialled = request.POST.get("To", "")
    return snapshot.agent_for(normalise(dialled) or dialled)


def ticket_of(request: HttpRequest, agent: AgentSpec, snapshot: CatalogSnapshot) -> CallTicket:
    """Starts to find out who calls."""
    call_sid, caller_number = request.POST["CallSid"], normalise(request.POST.get("From", ""))
    return CallTicket(
        call_sid=call_sid,
        account_sid=request.POST["AccountSid"],
        caller_number=caller_number,
        agent=agent,
        snapshot=snapshot,
        prefetch=Prefetch(caller_number, call_sid=call_sid),
    )


def _answer(request: HttpRequest, snapshot: CatalogSnapshot, arrived_at: float) -> HttpResponse:
    call_sid, dialled = request.POST["CallSid"], request.POST["To"]
    agent = agent_asked_for(request, snapshot)
    if agent is None or not has_room(agent, call_sid):
        caller_number = normalise(request.POST.get("From", ""))
        call_log.post(_turned_away(call_sid, caller_number, dialled, agent, snapshot))
        return xml(twiml.not_in_service() if agent is None else all_lines_busy(agent))
    ticket = ticket_of(request, agent, snapshot)
    if is_worth_warming(agent, call_sid):
        ticket.warm_sockets = warmup.warm_sockets(agent)
    document = connect(ticket)
    call_log.post(
        CallRang(
            call_sid=call_sid,
            from_number=ticket.caller_number or "",
            to_number=dialled[:32],
            agent_name=agent.name,
            agent_key=agent.agent_id,
            at=timezone.now(),
            revision=snapshot.revision,
            webhook_ms=(time.monotonic() - arrived_at) * 1000.0,
        )
    )
    return xml(document)


def is_worth_warming(agent: AgentSpec, call_sid: str) -> bool:
    """Whether sockets to vendors are to be opened while it rings. A repeated webhook opens none:
    whichever of its answers Twilio follows, the call takes those of the first.
    """
    return (
        settings.ANSWER_WHEN_WARM
        and call_sid not in live_calls
        and not tickets.is_warm(call_sid)
        and needs_the_agent(agent)
    )


def _turned_away(
    call_sid: str,
    caller_number: str | None,
    dialled: str,
    agent: AgentSpec | None,
    snapshot: CatalogSnapshot,
) -> TurnedAway:
    return TurnedAway(
        call_sid=call_sid,
        from_number=caller_number or "",
        to_number=dialled[:32],
        why="not in service" if agent is None else "all lines busy",
        at=timezone.now(),
        agent_name=agent.name if agent is not None else "",
        agent_key=agent.agent_id if agent is not None else None,
        revision=snapshot.revision,
    )


def has_room(agent: AgentSpec, call_sid: str) -> bool:
    """For one more call: in this process, and with this agent."""
    if call_sid in live_calls:  # The webhook was retried: the call has its place.
        return True
    # A call that is live already, and is connected anew, has its seat.
    others = tickets.waiting_besides(call_sid)
    waiting = [ticket for ticket in others if ticket.call_sid not in live_calls]
    most = min(settings.MAX_CONCURRENT_CALLS, settings.PROVIDER_CALLS or MOST_CALLS)
    if not live_calls.admits(most, len(waiting)):
        return False
    of_agent = sum(ticket.agent.agent_id == agent.agent_id for ticket in waiting)
    of_agent += live_calls.of_agent(agent.agent_id)
    return agent.most_calls is None or of_agent < agent.most_calls


@from_twilio
async def call_status(request: HttpRequest) -> HttpResponse:
    """Twilio's word on the call: may come twice, late, and out of order."""
    status = request.POST.get("CallStatus", "")
    carried = live_calls.get(request.POST["CallSid"])
    if status in TWILIO_FINAL:
        tickets.drop(request.POST["CallSid"])
        if carried is not None:
            carried.is_over_at_twilio(status)
    seconds = request.POST.get("CallDuration", "")
    call_log.post(
        StatusReported(
            request.POST["CallSid"],
            status,
            timezone.now(),
            int(seconds) if re.fullmatch(r"[0-9]{1,6}", seconds) else None,
        )
    )
    return HttpResponse(status=204)


@from_twilio
async def stream_status(request: HttpRequest) -> HttpResponse:
    """The only place where a failed handshake of the stream is told."""
    event = request.POST.get("StreamEvent", "")
    if event in {"stream-started", "stream-stopped", "stream-error"}:
        detail = request.POST.get("StreamError", "")
        call_log.post(StreamReported(request.POST["CallSid"], event, detail))
    return HttpResponse(status=204)
