"""What is answered on WhatsApp: its score arrives, its words do not, and nobody else's counts."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from calls.aftercare import worker
from calls.call_log import call_log
from calls.call_rows import write
from calls.happenings import Happening, SurveyAnswered, SurveyAsked, SurveyReplied
from calls.models import Call, CallEvent, Survey
from calls.survey import by_whatsapp
from calls.survey.numbers import spellings
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_twilio import FakeTwilio
from tests.calls.records import left_of
from tests.calls.samples import ACCOUNT_SID, CALL_SID, CALLER_NUMBER
from tests.calls.survey.whatsapp_desk import Desk, survey_of

pytestmark = pytest.mark.django_db(transaction=True)

REPLY = {
    "AccountSid": ACCOUNT_SID,
    "MessageSid": "SM" + "e5" * 16,
    "From": f"whatsapp:{CALLER_NUMBER}",
    "To": "whatsapp:+14155238886",
    "Body": "5!",
    "ProfileName": "João & <Söhne>",
}


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> PostedHappenings:
    posted = PostedHappenings()
    monkeypatch.setattr("calls.survey.reply.call_log", posted)
    return posted


def replied(score: int | None = None, *, no_more: bool = False, hours: float = 0) -> SurveyReplied:
    at = timezone.now() + timedelta(hours=hours)
    return SurveyReplied(CALLER_NUMBER, score, no_more, at)


def asked_about(desk: Desk, **changes: Any) -> Call:
    call = desk.call(**changes)
    Survey.objects.create(call=call, channel="whatsapp", asked_at=timezone.now())
    return call


def score_of(call: Call) -> int | None:
    survey = survey_of(call)
    assert survey is not None
    return survey.score


async def test_only_the_score_goes_on(twilio: FakeTwilio, posted: PostedHappenings) -> None:
    response = await twilio.post("/whatsapp-reply", {**REPLY, "Body": "Maria was great: 4/5"})
    assert response.status_code == 200 and response.text.endswith("<Response />")
    (reply,) = posted.happenings
    assert isinstance(reply, SurveyReplied)
    assert (reply.from_number, reply.score, reply.no_more) == (CALLER_NUMBER, 4, False)


async def test_it_tells_a_stop_from_words_that_are_no_score(
    twilio: FakeTwilio, posted: PostedHappenings
) -> None:
    for body in ("STOP", "who is this", "", "x" * 60_000):
        await twilio.post("/whatsapp-reply", {**REPLY, "Body": body})
    told = [(it.score, it.no_more) for it in posted.happenings if isinstance(it, SurveyReplied)]
    assert told == [(None, True), (None, False), (None, False), (None, False)]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"MessageSid": ""}, 400),
        ({"MessageSid": "SM" + "e5" * 15}, 400),
        ({"AccountSid": "AC1"}, 400),
        ({"From": CALLER_NUMBER}, 200),
        ({"From": "whatsapp:nobody"}, 200),
        ({"From": "messenger:1234567"}, 200),
        ({"Body": "5" * 70_000}, 413),
    ],
    ids=str,
)
async def test_what_is_no_message_from_whatsapp_leaves_no_trace(
    twilio: FakeTwilio, posted: PostedHappenings, changes: dict[str, str], status: int
) -> None:
    response = await twilio.post("/whatsapp-reply", {**REPLY, **changes})
    assert response.status_code == status
    assert posted.happenings == []


async def test_it_refuses_what_twilio_has_not_signed(
    twilio: FakeTwilio, posted: PostedHappenings
) -> None:
    assert (await twilio.post("/whatsapp-reply", REPLY, signed=False)).status_code == 403
    forged = {"X-Twilio-Signature": twilio.signature("/whatsapp-reply", REPLY)}
    response = await twilio.request("POST", "/whatsapp-reply", b"Body=1", forged)
    assert response.status_code == 403
    assert (await twilio.request("GET", "/whatsapp-reply")).status_code == 405
    assert posted.happenings == []


async def test_a_score_arrives_in_the_row_through_the_journal(
    twilio: FakeTwilio, desk: Desk
) -> None:
    call = await database_sync_to_async(asked_about)(desk)
    for _replay in range(2):
        await twilio.post("/whatsapp-reply", REPLY)
    assert await asyncio.to_thread(call_log.flush, 10.0)
    assert await database_sync_to_async(score_of)(call) == 5
    assert await database_sync_to_async(Call.objects.count)() == 1


def test_the_first_answer_stands_and_is_of_the_newest_survey(desk: Desk) -> None:
    older, newer = asked_about(desk), asked_about(desk)
    Survey.objects.filter(call=older).update(asked_at=timezone.now() - timedelta(hours=30))
    for score in (4, 4, 1):
        write(replied(score))
    assert (score_of(older), score_of(newer)) == (None, 4)


def test_nobody_elses_answer_and_none_that_is_late_counts(desk: Desk) -> None:
    call = asked_about(desk)
    write(SurveyReplied("+351911000000", 1, False, timezone.now()))
    write(replied(1, hours=49))
    write(replied(hours=49))
    assert score_of(call) is None and Call.objects.count() == 1
    assert not CallEvent.objects.filter(name="survey asked again").exists()


def test_it_asks_once_more_and_is_silent_then(desk: Desk) -> None:
    call = asked_about(desk)
    for _nonsense in range(3):
        write(replied())
    worker.work_off()
    assert desk.sent() == [
        "Sorry, I did not understand. Please answer with one number from 1 to 5."
    ]
    write(replied(3))
    assert score_of(call) == 3
    write(replied())
    worker.work_off()
    assert len(desk.sent()) == 1


def test_it_does_not_ask_again_who_has_answered_or_stopped_meanwhile(desk: Desk) -> None:
    answers: tuple[Callable[[], SurveyReplied], ...] = (
        lambda: replied(5),
        lambda: replied(no_more=True),
    )
    for number, answer in enumerate(answers):
        caller = f"+35120000010{number}"
        asked_about(desk, from_number=caller)
        for reply in (replied(), answer()):
            write(SurveyReplied(caller, reply.score, reply.no_more, timezone.now()))
    worker.work_off()
    assert desk.sent() == []


def test_who_writes_stop_gets_no_further_message(desk: Desk) -> None:
    call = asked_about(desk)
    for reply in (replied(no_more=True), replied(no_more=True), replied(), replied(4)):
        write(reply)
    Survey.objects.update(asked_at=timezone.now() - timedelta(hours=50))
    by_whatsapp.ask(desk.call().call_sid)
    worker.work_off()
    assert desk.sent() == [] and score_of(call) is None
    assert call.events.filter(name="no more surveys").count() == 1


def test_an_erased_call_takes_no_answer(desk: Desk) -> None:
    call = asked_about(desk, erased_at=timezone.now())
    write(replied(5))
    assert score_of(call) is None
    Survey.objects.all().delete()
    at = timezone.now()
    for happening in (
        SurveyAsked(call.call_sid, "spoken", at),
        SurveyAnswered(call.call_sid, 5, at),
    ):
        write(happening)
    assert survey_of(call) is None and "spoken" not in left_of(call)


def test_a_spoken_survey_is_one_row_in_any_order() -> None:
    at = timezone.now()
    asked, answered = SurveyAsked(CALL_SID, "spoken", at), SurveyAnswered(CALL_SID, 4, at)
    orders: tuple[tuple[Happening, ...], ...] = (
        (asked, answered),
        (answered, asked),
        (asked, answered, asked, SurveyAnswered(CALL_SID, 1, at)),
    )
    for order in orders:
        Survey.objects.all().delete()
        for happening in order:
            write(happening)
        survey = Survey.objects.get()
        assert (survey.channel, survey.score, survey.answered_at) == ("spoken", 4, at)


@pytest.mark.parametrize(
    ("called_from", "writes_as"),
    [
        ("+5511987654321", "+551187654321"),
        ("+525512345678", "+5215512345678"),
        ("+541123456789", "+5491123456789"),
    ],
)
def test_a_number_is_known_in_the_spelling_of_whatsapp(called_from: str, writes_as: str) -> None:
    assert called_from in spellings(writes_as) and writes_as in spellings(called_from)
    assert spellings(CALLER_NUMBER) == {CALLER_NUMBER}
