"""The background tasks of the survey. Each may run twice, and asks once."""

import logging
import random
from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from calls.call_log import call_log
from calls.happenings import Milestone
from calls.survey import by_whatsapp
from calls.survey.by_whatsapp import SurveyFailed

logger = logging.getLogger(__name__)

WAITS = (30.0, 300.0, 1_800.0)  # seconds before the second attempt, and so on


@task()
def ask_by_whatsapp(call_sid: str, attempt: int = 0) -> None:
    try:
        by_whatsapp.ask(call_sid)
    except SurveyFailed as error:
        logger.warning("Call %s: no survey, attempt %d: %s.", call_sid, attempt + 1, error)
        if attempt < len(WAITS):
            wait = timedelta(seconds=WAITS[attempt] * random.uniform(1.0, 1.2))
            again = ask_by_whatsapp.using(run_after=timezone.now() + wait)
            again.enqueue(call_sid, attempt + 1)
            return
        call_log.post(Milestone(call_sid, "survey not sent"))


@task()
def ask_again(call_sid: str) -> None:
    """Once, at once or not at all: an hour later nobody knows what was not understood."""
    try:
        by_whatsapp.ask_again(call_sid)
    except SurveyFailed as error:
        logger.warning("Call %s: the caller was not asked again: %s.", call_sid, error)
