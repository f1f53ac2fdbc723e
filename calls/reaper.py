"""Closes the calls that nobody carries any more, as Twilio says they ended."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from twilio.base.exceptions import TwilioRestException, TwilioServiceException

from calls.call_log import call_log
from calls.call_rows import TWILIO_FINAL
from calls.happenings import Lost
from calls.journal_search import on_their_way
from calls.models import OVER, Call
from calls.twilio_rest import NO_ANSWER, has_credentials, twilio_client
from catalog.models import ServingProcess
from catalog.presence import SILENT_SECONDS

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 200
ASKED_AT_ONCE = 10
TWILIO_SECONDS = 5.0
# A phone that rings for longer has no stream to come: tokens are good for 60 s.
RINGING_SECONDS = 75.0
# A process that has just begun has not said so yet.
BEGINNING_SECONDS = 10.0
# After so long, nothing that Twilio says keeps a call open.
LONGEST_CALL = timedelta(hours=4, minutes=10)

_away = False  # the database was, in the last round


def reap() -> int:
    """Close what a dead process left open. How many calls that were. Raises django.db.Error."""
    global _away
    was_away, _away = _away, True
    now = timezone.now()
    lost = lost_calls(now)
    _away = False
    if was_away or not lost:
        # Nobody could say that they live while the database was away: they have a round to do so.
        return 0
    verdicts = [it for it in asyncio.run(_ask_about(lost, now)) if it is not None]
    for verdict in verdicts:
        logger.warning("Call %s was left open: its record is closed.", verdict.call_sid)
        call_log.post(verdict)
    return len(verdicts)


def lost_calls(now: datetime) -> list[Call]:
    """Those of which no journal here can tell any more: what a dead process left says it better."""
    found = list(abandoned(now).order_by("created_at")[:MOST_AT_ONCE])
    if not found:
        return found
    told = on_their_way([call.call_sid for call in found])
    return [
        call for call in found if call.call_sid not in told or call.created_at < now - LONGEST_CALL
    ]


def abandoned(now: datetime) -> "QuerySet[Call]":
    """Calls that are open in the record, and that no process of ours carries."""
    alive = ServingProcess.objects.filter(seen_at__gte=now - timedelta(seconds=SILENT_SECONDS))
    rang_out = Q(started_at__isnull=True, created_at__lt=now - timedelta(seconds=RINGING_SECONDS))
    dropped = Q(started_at__lt=now - timedelta(seconds=BEGINNING_SECONDS)) & ~Q(
        process_id__in=alive.values("process_id")
    )
    return Call.objects.exclude(status__in=OVER).filter(rang_out | dropped)


async def _ask_about(calls: Sequence[Call], now: datetime) -> list[Lost | None]:
    limit = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(call: Call) -> Lost | None:
        async with limit:
            return await _verdict(call, now)

    return await asyncio.gather(*map(ask, calls))


async def _verdict(call: Call, now: datetime) -> Lost | None:
    """None while Twilio says that the call goes on: another process may have it soon."""
    if not has_credentials():
        return Lost(call.call_sid, now)
    try:
        async with twilio_client(TWILIO_SECONDS) as client:
            found = await client.calls(call.call_sid).fetch_async()
    except (TwilioRestException, TwilioServiceException) as error:
        logger.warning("Twilio does not tell of call %s: %s.", call.call_sid, error.code)
        return Lost(call.call_sid, now)
    except NO_ANSWER as error:
        logger.warning("Twilio's REST API did not answer: %s.", type(error).__name__)
        return Lost(call.call_sid, now)
    status = str(found.status)
    if status not in TWILIO_FINAL and call.created_at > now - LONGEST_CALL:
        return None
    seconds = int(found.duration) if str(found.duration or "").isdigit() else None
    return Lost(call.call_sid, found.end_time or now, status, seconds)
