"""What does a call that was just counted set off? Called within the transaction that counts it."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone
from redis.exceptions import RedisError

from calls.aftercare.tasks import summarise_call
from calls.models import Call, EndedBy, Webhook, WebhookDelivery
from calls.survey import by_whatsapp
from catalog.models import Agent

logger = logging.getLogger(__name__)

# The other lines of a journal follow the first within a moment.
LATE_SECONDS = 10.0
# A delivery waits this long for the summary, and then goes out without it.
SUMMARY_SECONDS = 120.0


def begin_aftercare(calls: Sequence[Call], with_words: frozenset[int]) -> None:
    """`with_words` are the keys of the calls in which something was said.

    Tasks of the database's own queue are rows of the same transaction: a call is counted and has
    its tasks, or neither.
    """
    taken = [
        call for call in calls if call.ended_by != EndedBy.TURNED_AWAY and call.erased_at is None
    ]
    if not taken:
        return
    summarising = _summarising({call.agent_key for call in taken if call.agent_key is not None})
    summarised = {
        call.pk for call in taken if call.agent_key in summarising and call.pk in with_words
    }
    for call in taken:
        if call.pk in summarised:
            summarise_call.enqueue(call.call_sid)
    by_whatsapp.begin(taken)
    _make_deliveries(taken, summarised)


def summarise_late(call: Call) -> None:
    """Its first words came after it was counted: it has no summary until now, and who was told of
    it without one is told again.
    """
    agent_key = call.agent_key
    if call.ended_by == EndedBy.TURNED_AWAY or call.summary or agent_key is None:
        return
    if agent_key not in _summarising({agent_key}):
        return
    later = timezone.now() + timedelta(seconds=LATE_SECONDS)
    try:
        summarise_call.using(run_after=later).enqueue(call.call_sid)
    except RedisError as error:  # The words are worth more than their summary.
        logger.error(
            "Call %s will have no summary: its task was lost (%s).",
            call.call_sid,
            type(error).__name__,
        )


def _summarising(agent_keys: set[int]) -> set[int]:
    agents = Agent.objects.filter(pk__in=agent_keys, summarise_calls=True)
    return set(agents.values_list("pk", flat=True))


def _make_deliveries(calls: Sequence[Call], summarised: set[int]) -> None:
    now = timezone.now()
    later = now + timedelta(seconds=SUMMARY_SECONDS)
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                webhook=webhook, call=call, next_attempt_at=later if call.pk in summarised else now
            )
            for webhook in Webhook.objects.filter(enabled=True)
            for call in calls
            if webhook.agent_key in (None, call.agent_key)
        ],
        ignore_conflicts=True,
    )
