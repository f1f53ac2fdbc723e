"""The background tasks. Each may run twice: a worker that is killed leaves its task to the next."""

import logging
import random
from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from calls.aftercare import deliveries
from calls.aftercare.summary import SummaryFailed, summarise
from calls.call_log import call_log
from calls.happenings import Milestone

logger = logging.getLogger(__name__)

SUMMARY_WAITS = (30.0, 300.0, 1_800.0)  # seconds before the second attempt, and so on
FLUSH_SECONDS = 5.0


@task()
def summarise_call(call_sid: str, attempt: int = 0) -> None:
    try:
        summarise(call_sid)
    except SummaryFailed as error:
        logger.warning("Call %s: no summary, attempt %d: %s.", call_sid, attempt + 1, error)
        if attempt < len(SUMMARY_WAITS):
            wait = timedelta(seconds=SUMMARY_WAITS[attempt] * random.uniform(1.0, 1.2))
            again = summarise_call.using(run_after=timezone.now() + wait)
            again.enqueue(call_sid, attempt + 1)
            return
        call_log.post(Milestone(call_sid, "summary failed", detail=str(error)))
    # Deliveries read the row: the summary has to be in it, and not in the journal still.
    call_log.flush(FLUSH_SECONDS)
    deliveries.summary_came(call_sid)


@task()
def deliver(delivery_id: str, attempts: int) -> None:
    deliveries.attempt(delivery_id, attempts)
