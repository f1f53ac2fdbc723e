"""The survey at the end of a call: the question, its answer, and every way around it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from calls.models import CallEvent, Survey
from calls.survey import spoken
from catalog.surveys import SurveyBy
from rehearsal.caller import (
    CallReport,
    CallScript,
    HangUp,
    Hear,
    Pause,
    Press,
    SimulatedCaller,
    Speak,
    WaitForAgent,
    WaitForHangup,
)
from tests.whole_call.desk import at_the_desk
from tests.whole_call.own_words import OwnWords
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERED = WaitForAgent("finished")
ASKED = WaitForAgent("finished")
QUESTION = "Before you go: how was this call, from one to five?"
TO_THE_QUESTION = (ANSWERED, Speak("goodbye"), ASKED)


@pytest.fixture
def office(rig: Rig) -> Rig:
    rig.edit_agent(survey=SurveyBy.SPOKEN)
    return rig


@pytest.fixture
def own(rig: Rig) -> Iterator[OwnWords]:
    words = OwnWords(rig.providers)
    yield words
    words.forget()


async def call(rig: Rig, *steps: Any) -> CallReport:
    script = CallScript("test", steps, from_number="+12025550100", limit_seconds=45.0)
    return await SimulatedCaller(rig.target).call(script)


def survey_of(call_sid: str) -> tuple[str, int | None] | None:
    """Who asked, and the score."""
    survey = at_the_desk(lambda: Survey.objects.filter(call__call_sid=call_sid).first())
    return None if survey is None else (survey.channel, survey.score)


def lines(record: dict[str, Any]) -> list[str]:
    return [line["text"] for line in record["transcript"]]


def check_answered(office: Rig, report: CallReport, score: int) -> None:
    assert report.ok, report.failures
    assert report.goodbye_heard and report.unheard_ms == 0
    record = office.record(report.call_sid)
    assert record["ended_by"] == "agent"
    assert survey_of(report.call_sid) == ("spoken", score)
    said = lines(record)
    (run,) = record["tool_runs"]
    assert QUESTION in said[1:]
    assert said[-1] == f"Thank you. {run['arguments']['goodbye']}"
    events = CallEvent.objects.filter(call__call_sid=report.call_sid, name="survey answered")
    assert at_the_desk(lambda: events.get().detail) == str(score)


def check_gone_on(office: Rig, report: CallReport) -> None:
    assert report.ok, report.failures
    record = office.record(report.call_sid)
    assert record["ended_by"] == "agent"
    assert [run["name"] for run in record["tool_runs"]] == ["end_call", "end_call"]
    said = lines(record)
    assert any("hours" in line for line in said)
    assert said[-1] == record["tool_runs"][1]["arguments"]["goodbye"]
    assert survey_of(report.call_sid) == ("spoken", None)
    assert office.events(report.call_sid).count("survey asked") == 1


async def test_it_asks_once_before_the_goodbye_and_goes_on_with_who_is_not_done(
    office: Rig, own: OwnWords
) -> None:
    """All at once: each call waits more than it works."""
    not_done = (Speak("ask-hours"), ANSWERED, Speak("goodbye"), WaitForHangup())
    cutting_in = (Speak("ask-hours", interrupting=True), *not_done[1:])
    by_key, by_word, hanging_up, after, into = await asyncio.gather(
        call(office, *TO_THE_QUESTION, Press("9"), Press("4"), WaitForHangup()),
        call(office, *TO_THE_QUESTION, own.say("I'd say a five."), WaitForHangup()),
        call(office, *TO_THE_QUESTION, Pause(300), HangUp()),
        call(office, *TO_THE_QUESTION, *not_done),
        call(office, ANSWERED, Speak("goodbye"), Hear(0.5), *cutting_in),
    )
    check_answered(office, by_key, 4)
    check_answered(office, by_word, 5)
    assert "I'd say a five." in lines(office.record(by_word.call_sid))
    check_gone_on(office, after)
    check_gone_on(office, into)
    assert office.record(hanging_up.call_sid)["ended_by"] == "caller"
    assert survey_of(hanging_up.call_sid) == ("spoken", None)
    assert office.spoken_texts().count(QUESTION) == 5
    answered = [said for turns in office.conversations() for _role, said in turns[-1:]]
    assert not any("five" in said for said in answered), "an answer is no turn for the model"


async def test_it_leaves_who_does_not_answer_and_asks_nobody_who_is_transferred(
    office: Rig, own: OwnWords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken, "ANSWER_SECONDS", 3.0)
    own_question = "De um a cinco?"
    office.edit_agent(survey_question=own_question, language="pt", transfer_number="+351200000031")
    silent, remarks, transferred, pressing = await asyncio.gather(
        call(office, *TO_THE_QUESTION, WaitForHangup()),
        call(office, *TO_THE_QUESTION, own.say("Tudo bem, obrigado."), WaitForHangup()),
        call(office, ANSWERED, Speak("person"), WaitForHangup()),
        call(office, ANSWERED, *[Press("4")] * 30, Speak("ask-hours"), ANSWERED, HangUp()),
    )
    for report in (silent, remarks):
        assert report.ok, report.failures
        assert report.goodbye_heard
        record = office.record(report.call_sid)
        assert record["ended_by"] == "agent"
        assert own_question in lines(record)
        assert lines(record)[-1] == record["tool_runs"][0]["arguments"]["goodbye"]
        assert survey_of(report.call_sid) == ("spoken", None)
    for report, ended_by in ((transferred, "transfer"), (pressing, "caller")):
        assert report.ok, report.failures
        assert office.record(report.call_sid)["ended_by"] == ended_by
        assert survey_of(report.call_sid) is None
    assert office.spoken_texts().count(own_question) == 2
