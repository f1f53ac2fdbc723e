"""Who is asked by WhatsApp after a call: the right ones, once, and nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calls.aftercare import worker
from calls.models import CallEvent, Survey
from calls.settling import settle
from calls.survey import by_whatsapp, tasks
from catalog.models import Agent
from catalog.surveys import SurveyBy
from tests.calls.fake_twilio_rest import says_nothing
from tests.calls.samples import CALLER_NUMBER
from tests.calls.survey.whatsapp_desk import BROKEN, NO_WHATSAPP, SENDER, Desk, survey_of

pytestmark = pytest.mark.django_db(transaction=True)


def tasks_waiting() -> int:
    from django_tasks_db.models import DBTaskResult

    return DBTaskResult.objects.filter(task_path__startswith="calls.survey").count()


def test_a_call_that_is_counted_has_its_caller_asked_once(desk: Desk) -> None:
    call = desk.call()
    settle()
    worker.work_off()
    tasks.ask_by_whatsapp.call(call.call_sid)  # A worker that was killed leaves it to the next.
    (asked,) = desk.twilio.asked
    assert (asked.form["To"], asked.form["From"]) == (
        f"whatsapp:{CALLER_NUMBER}",
        f"whatsapp:{SENDER}",
    )
    assert "Silver Birch" in asked.form["Body"] and "1 (poor) to 5" in asked.form["Body"]
    survey = survey_of(call)
    assert survey is not None and (survey.channel, survey.score) == ("whatsapp", None)


def test_it_asks_in_the_agents_own_words(desk: Desk) -> None:
    Agent.objects.update(survey_question="How did we do?", language="pt")
    by_whatsapp.ask(desk.call().call_sid)
    assert "How did we do?" in desk.sent()[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"from_number": ""},
        {"duration_ms": 19_000},
        {"started_at": None},
        {"agent_key": None},
        {"erased_at": timezone.now()},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_it_makes_no_task_for_a_call_that_nobody_is_asked_about(
    desk: Desk, changes: dict[str, Any]
) -> None:
    call = desk.call(**changes)
    settle()
    assert tasks_waiting() == 0
    by_whatsapp.ask(call.call_sid)
    assert desk.sent() == [] and survey_of(call) is None


def test_it_makes_no_task_without_a_sender_or_for_an_agent_that_does_not_ask(
    desk: Desk, settings: Any
) -> None:
    desk.call()
    settings.TWILIO_WHATSAPP_FROM = ""
    settle()
    settings.TWILIO_WHATSAPP_FROM = SENDER
    Agent.objects.update(survey=SurveyBy.SPOKEN)
    desk.call()
    settle()
    assert tasks_waiting() == 0


def test_it_asks_nobody_who_said_nothing(desk: Desk) -> None:
    call = desk.call()
    call.utterances.filter(speaker="caller").delete()
    by_whatsapp.ask(call.call_sid)
    assert desk.sent() == [] and survey_of(call) is None


def test_it_asks_a_person_once_in_a_day(desk: Desk) -> None:
    first, second = desk.call(), desk.call()
    by_whatsapp.ask(first.call_sid)
    by_whatsapp.ask(second.call_sid)
    assert len(desk.sent()) == 1 and survey_of(second) is None
    Survey.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    by_whatsapp.ask(second.call_sid)
    assert len(desk.sent()) == 2


def test_it_asks_nobody_who_has_asked_for_no_more(desk: Desk) -> None:
    CallEvent.objects.create(call=desk.call(), name="no more surveys")
    by_whatsapp.ask(desk.call().call_sid)
    assert desk.sent() == []


def test_it_tries_again_later_when_twilio_refuses_and_gives_up_in_the_end(
    desk: Desk, posted_events: list[str]
) -> None:
    from django_tasks_db.models import DBTaskResult

    desk.twilio.answers = [BROKEN]
    call = desk.call()
    tasks.ask_by_whatsapp.call(call.call_sid)
    assert survey_of(call) is None
    assert DBTaskResult.objects.get().run_after > timezone.now() + timedelta(seconds=25)
    tasks.ask_by_whatsapp.call(call.call_sid, len(tasks.WAITS))
    assert DBTaskResult.objects.count() == 1
    assert posted_events == ["survey not sent"]


@pytest.mark.parametrize(
    ("answer", "asked"), [(NO_WHATSAPP, False), (says_nothing, True)], ids=["refused", "silent"]
)
def test_it_sends_nothing_twice_that_may_have_arrived_or_never_will(
    desk: Desk, posted_events: list[str], answer: Any, asked: bool
) -> None:
    desk.twilio.answers = [answer]
    call = desk.call()
    tasks.ask_by_whatsapp.call(call.call_sid)
    assert tasks_waiting() == 0
    assert (survey_of(call) is not None) is asked
    assert posted_events == ["survey asked" if asked else "survey not sent"]
