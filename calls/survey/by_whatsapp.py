"""Whom do we ask by WhatsApp after a call, and when not?"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from calls.call_log import call_log
from calls.happenings import Milestone
from calls.models import Call, CallEvent, Speaker, Survey, SurveyChannel, Utterance
from calls.survey.rows import NO_MORE, REPLY_HOURS
from calls.survey.words import written_again, written_question
from calls.twilio_rest import has_credentials
from calls.whatsapp import NotSent, send_whatsapp
from catalog.models import Agent
from catalog.surveys import SurveyBy

SHORTEST_MS = 20_000  # who hung up before that has nothing to tell
AT_MOST_EVERY = timedelta(hours=24)


class SurveyFailed(Exception):
    """Another attempt may do better. `str()` says why, without anything of the caller."""


def begin(calls: Sequence[Call]) -> None:
    """A task for each of these calls that may be asked about, in the caller's transaction."""
    from calls.survey.tasks import ask_by_whatsapp

    if not _can_send():
        return
    keys = {call.agent_key for call in calls if call.agent_key is not None}
    agents = Agent.objects.filter(pk__in=keys, survey=SurveyBy.WHATSAPP)
    asking = set(agents.values_list("pk", flat=True))
    for call in calls:
        if call.agent_key in asking and _was_a_call(call):
            ask_by_whatsapp.enqueue(call.call_sid)


def ask(call_sid: str) -> None:
    """Once at most: also when the task runs twice, and when Twilio does not say what became of it.

    Raises SurveyFailed when it did not go out and another attempt may do better.
    """
    agent = _agent_of(call_sid)
    if agent is None or not _can_send() or not _claimed(call_sid):
        return
    number = Call.objects.get(call_sid=call_sid).from_number
    if not number:  # Erased at this moment.
        return
    question = written_question(agent.survey_question, agent.business_name, agent.language)
    try:
        asyncio.run(send_whatsapp(number, question))
    except NotSent as error:
        if not error.may_arrive:
            Survey.objects.filter(call__call_sid=call_sid, score__isnull=True).delete()
            if not error.final:
                raise SurveyFailed("Twilio refused it") from error
            call_log.post(Milestone(call_sid, "survey not sent"))
            return
    call_log.post(Milestone(call_sid, "survey asked"))


def ask_again(call_sid: str) -> None:
    """After words that were no score; whether it is the first time is the caller's affair."""
    agent, call = _agent_of(call_sid), Call.objects.filter(call_sid=call_sid).first()
    if agent is None or call is None or call.erased_at is not None or not _can_send():
        return
    after = timezone.now() - timedelta(hours=REPLY_HOURS)
    open_still = Survey.objects.filter(call=call, score__isnull=True, asked_at__gte=after)
    if not call.from_number or not open_still.exists() or _wants_no_more(call.from_number):
        return
    try:
        asyncio.run(send_whatsapp(call.from_number, written_again(agent.language)))
    except NotSent as error:
        raise SurveyFailed("Twilio refused it") from error


def _can_send() -> bool:
    return bool(has_credentials() and settings.TWILIO_WHATSAPP_FROM)


def _was_a_call(call: Call) -> bool:
    long_enough = call.duration_ms is not None and call.duration_ms >= SHORTEST_MS
    return bool(call.from_number and call.started_at and long_enough and not call.erased_at)


def _agent_of(call_sid: str) -> Agent | None:
    """If it still asks by WhatsApp."""
    keys = Call.objects.filter(call_sid=call_sid, agent_key__isnull=False).values("agent_key")
    return Agent.objects.filter(pk__in=keys, survey=SurveyBy.WHATSAPP).first()


@transaction.atomic
def _claimed(call_sid: str) -> bool:
    """Whether it is this task that asks; its row says so to every other."""
    number = Call.objects.values_list("from_number", flat=True).get(call_sid=call_sid)
    now = timezone.now()
    lately = Call.objects.filter(from_number=number, created_at__gte=now - 2 * AT_MOST_EVERY)
    # Locked: two servers may have come to two calls of one person at the same moment.
    list(lately.select_for_update().order_by("pk").values_list("pk", flat=True))
    call = Call.objects.select_for_update().get(call_sid=call_sid)
    asked = Survey.objects.filter(
        channel=SurveyChannel.WHATSAPP,
        call__from_number=number,
        asked_at__gte=now - AT_MOST_EVERY,
    )
    spoke = Utterance.objects.filter(call=call, speaker=Speaker.CALLER)
    if not _was_a_call(call) or asked.exists() or not spoke.exists() or _wants_no_more(number):
        return False
    fields = {"channel": SurveyChannel.WHATSAPP, "asked_at": now}
    _survey, made = Survey.objects.get_or_create(call=call, defaults=fields)
    return made


def _wants_no_more(number: str) -> bool:
    return CallEvent.objects.filter(call__from_number=number, name=NO_MORE).exists()
