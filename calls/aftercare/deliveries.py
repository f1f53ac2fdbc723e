"""When is a delivery sent, and what becomes of it? The rows are the queue that lasts."""

import logging
import random
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from calls.aftercare.outgoing import Answer, Event, message_about, post
from calls.models import Call, DeliveryState, WebhookDelivery

logger = logging.getLogger(__name__)

# Seconds before the second attempt, and so on; after the last one it is given up.
WAITS = (10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0)
# An attempt that nothing was heard of for so long died with its process. Well above the deadline
# of a request, and above what a queue of some dozen takes.
LEASE_SECONDS = 60.0
MOST_AT_ONCE = 100


def enqueue_due() -> int:
    """A chore: a task for each delivery whose time has come. How many those were."""
    from calls.aftercare.tasks import deliver

    now = timezone.now()
    with transaction.atomic():
        due = WebhookDelivery.objects.filter(state=DeliveryState.WAITING, next_attempt_at__lte=now)
        locked = due.select_for_update(skip_locked=True).order_by("next_attempt_at")
        rows = list(locked.values_list("pk", "delivery_id", "attempts")[:MOST_AT_ONCE])
        WebhookDelivery.objects.filter(pk__in=[pk for pk, *_rest in rows]).update(
            next_attempt_at=now + timedelta(seconds=LEASE_SECONDS)
        )
        for _pk, delivery_id, attempts in rows:
            deliver.enqueue(str(delivery_id), attempts)
    return len(rows)


def summary_came(call_sid: str) -> None:
    """Also when there is none and none will come: nobody waits for it any longer."""
    waiting = WebhookDelivery.objects.filter(
        call__call_sid=call_sid, state=DeliveryState.WAITING, attempts=0
    )
    waiting.update(next_attempt_at=timezone.now())
    delivered = WebhookDelivery.objects.filter(
        call__call_sid=call_sid, state=DeliveryState.DELIVERED
    )
    for delivery in delivered.select_related("call").exclude(call__summary=""):
        _tell_the_summary(delivery)


def _tell_the_summary(delivery: WebhookDelivery) -> None:
    """A second message, under an id of its own; once, however often the task runs."""
    if event_of(delivery) == Event.ENDED:
        WebhookDelivery.objects.filter(
            pk=delivery.pk, delivery_id=delivery.delivery_id, state=DeliveryState.DELIVERED
        ).update(
            delivery_id=uuid.uuid5(delivery.delivery_id, Event.SUMMARISED), **_from_the_beginning()
        )


def event_of(delivery: WebhookDelivery) -> Event:
    """The ids of second messages are made from those of the first, which are random."""
    return Event.SUMMARISED if delivery.delivery_id.version == 5 else Event.ENDED


def send_again(delivery: WebhookDelivery) -> None:
    """From the beginning, under the id it had: a receiver that got it knows it again."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(**_from_the_beginning())


def _from_the_beginning() -> dict[str, Any]:
    return {
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "answer_status": None,
        "problem": "",
        "delivered_at": None,
        "next_attempt_at": timezone.now(),
    }


def attempt(delivery_id: str, attempts: int) -> None:
    """Send it, unless somebody has begun this very attempt already."""
    lease = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    mine = WebhookDelivery.objects.filter(
        delivery_id=delivery_id, state=DeliveryState.WAITING, attempts=attempts
    )
    if not mine.update(attempts=F("attempts") + 1, next_attempt_at=lease):
        return
    delivery = WebhookDelivery.objects.select_related("webhook", "call").get(
        delivery_id=delivery_id
    )
    try:
        answer = _answer_to(delivery)
    except Exception as error:  # A root: an attempt that does not count is made again for ever.
        logger.exception("A delivery to the webhook %s failed.", delivery.webhook)
        answer = Answer(None, type(error).__name__)
    _note(delivery, answer)


def _answer_to(delivery: WebhookDelivery) -> Answer:
    webhook, call, delivery_id = delivery.webhook, delivery.call, str(delivery.delivery_id)
    if not webhook.enabled:
        return Answer(None, "switched off", final=True)
    if call.erased_at is not None:
        return Answer(None, "erased", final=True)
    body = message_about(event_of(delivery), call, delivery_id, with_words=webhook.with_words)
    return post(webhook.url, webhook.secret, delivery_id, body)


def _note(delivery: WebhookDelivery, answer: Answer) -> None:
    now = timezone.now()
    state, next_attempt_at, delivered_at = DeliveryState.WAITING, None, None
    if answer.accepted:
        state, delivered_at = DeliveryState.DELIVERED, now
    elif answer.final or delivery.attempts > len(WAITS):
        state = DeliveryState.GIVEN_UP
    else:
        wait = WAITS[delivery.attempts - 1] * random.uniform(1.0, 1.2)
        next_attempt_at = now + timedelta(seconds=wait)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=state,
        answer_status=answer.status,
        problem=answer.problem[:200],
        next_attempt_at=next_attempt_at,
        delivered_at=delivered_at,
    )
    # It may have come while this was on its way without it.
    told = answer.accepted and delivery.call.summary != ""
    summarised = Call.objects.filter(pk=delivery.call_id).exclude(summary="")
    if answer.accepted and not told and summarised.exists():
        _tell_the_summary(delivery)
