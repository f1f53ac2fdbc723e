"""A caller who asks for a person is put through to one, and to nobody who is not on the list."""

import asyncio
from typing import Any
from urllib.parse import unquote

import pytest
from pytest_django.fixtures import Settings

from calls.live import live_calls
from calls.models import CallEvent, EndedBy
from catalog.models import TransferTarget
from rehearsal.caller import (
    CallReport,
    CallScript,
    Colleague,
    HangUp,
    Hear,
    Pause,
    SimulatedCaller,
    Speak,
    WaitForAgent,
    WaitForHangup,
)
from rehearsal.providers import openai_chat
from rehearsal.providers.answers import Answer, CallTool
from rehearsal.providers.conversation import Conversation
from rehearsal.providers.receptionist import answer
from tests.whole_call.desk import at_the_desk
from tests.whole_call.rig import KNOWN_NAME, KNOWN_NUMBER, Rig

pytestmark = pytest.mark.django_db(transaction=True)

FRONT_DESK, SILVA = "+351200000031", "+351200000032"
ANNOUNCEMENT = "One moment please, I am putting you through."
SUMMARY = "Wants to change an invoice."
ANSWERED = WaitForAgent("finished")
ASKS_FOR_A_PERSON = Speak("person")
TRANSFERRED = (ANSWERED, ASKS_FOR_A_PERSON, WaitForHangup())


@pytest.fixture
def office(rig: Rig) -> Rig:
    """Two people to transfer to: whoever is at the front desk, and Dr. Silva."""
    at_the_desk(
        lambda: TransferTarget.objects.create(agent=rig.agent, name="Dr. Silva", number=SILVA)
    )
    rig.edit_agent(transfer_number=FRONT_DESK, business_name="Silver Birch Dental")
    return rig


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The arguments with which the model asks for the transfer."""
    arguments: dict[str, Any] = {"announcement": ANNOUNCEMENT, "summary": SUMMARY}

    def transferring(conversation: Conversation) -> Answer:
        wishes = "person" in (conversation.caller_words or "")
        if wishes and not conversation.tool_results:
            assert "transfer_call" in conversation.offered_tools
            return CallTool("transfer_call", dict(arguments))
        return answer(conversation)

    monkeypatch.setattr(openai_chat, "answer", transferring)
    return arguments


async def call(rig: Rig, *steps: Any, **script: Any) -> CallReport:
    caller = SimulatedCaller(rig.target)
    return await caller.call(CallScript("test", steps, limit_seconds=40.0, **script))


def rest_updates(rig: Rig, call_sid: str) -> list[dict[str, str]]:
    return rig.told_twilio(call_sid)


async def test_it_transfers_once_the_announcement_was_heard(office: Rig) -> None:
    """In the words of the scripted receptionist, whom no test has changed."""
    report = await call(office, *TRANSFERRED, from_number=KNOWN_NUMBER)
    assert report.ok, report.failures
    assert (report.ended_by, report.close_code) == ("server-rest", None)
    assert report.goodbye_heard and report.unheard_ms == 0
    assert report.ended_ms - report.heard[-1].end_ms < 1_000, "it is dialled without delay"
    assert office.spoken_texts()[-1] == ANNOUNCEMENT
    assert (report.transferred_to, report.dial_status) == (FRONT_DESK, "completed")
    record = office.record(report.call_sid)
    summary = record["tool_runs"][0]["arguments"]["summary"]
    assert report.whispered == f"Silver Birch Dental. {KNOWN_NAME}. {summary}"
    assert "speak to a person" in summary
    assert report.afterwards == (f"Dial {FRONT_DESK}", "Hangup")
    assert (record["status"], record["ended_by"]) == ("completed", "transfer")
    assert record["transcript"][-1]["text"] == ANNOUNCEMENT
    assert [(run["name"], run["outcome"]) for run in record["tool_runs"]] == [
        ("transfer_call", "ok")
    ]
    assert "transferred" in office.events(report.call_sid)
    # Twilio is told once, never to hang up, and nothing personal stands in a URL.
    (update,) = rest_updates(office, report.call_sid)
    assert set(update) == {"Twiml", "TimeLimit"}
    assert "Pause" not in update["Twiml"]
    for personal in (*KNOWN_NAME.split(), "person"):
        assert personal not in unquote(update["Twiml"])


async def test_it_transfers_to_a_colleague_who_was_named(
    office: Rig, asked: dict[str, Any]
) -> None:
    asked["to"] = "dr sílva"
    report = await call(office, *TRANSFERRED)
    assert report.ok, report.failures
    assert report.transferred_to == SILVA
    events = CallEvent.objects.filter(call__call_sid=report.call_sid, name="transferred")
    office.record(report.call_sid)
    assert at_the_desk(lambda: events.get().detail) == "Dr. Silva"


async def test_it_dials_nobody_who_is_not_on_the_list(office: Rig, asked: dict[str, Any]) -> None:
    asked["to"] = "+19005550100"
    report = await call(office, ANSWERED, ASKS_FOR_A_PERSON, ANSWERED, HangUp())
    assert report.ok, report.failures
    record = office.record(report.call_sid)
    assert record["ended_by"] == "caller"
    assert [run["outcome"] for run in record["tool_runs"]] == ["refused"]
    assert "Dr. Silva" in record["tool_runs"][0]["result"]["say"]
    assert report.transferred_to is None and rest_updates(office, report.call_sid) == []


async def test_it_stays_when_the_caller_interrupts_and_transfers_when_asked_again(
    office: Rig, asked: dict[str, Any]
) -> None:
    report = await call(
        office,
        ANSWERED,
        ASKS_FOR_A_PERSON,
        Hear(0.4),
        Speak("ask-hours", interrupting=True),
        *TRANSFERRED,
    )
    assert report.ok, report.failures
    assert report.replies[1].start_ms is not None, "it stayed, and answered the question"
    assert report.transferred_to == FRONT_DESK
    assert len(rest_updates(office, report.call_sid)) == 1
    record = office.record(report.call_sid)
    assert [run["name"] for run in record["tool_runs"]] == ["transfer_call"] * 2
    assert office.events(report.call_sid).count("transferred") == 1


async def test_it_transfers_by_closing_when_twilio_cannot_be_told(
    office: Rig, asked: dict[str, Any], settings: Settings
) -> None:
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
    report = await call(office, *TRANSFERRED)
    assert report.ok, report.failures
    assert report.ended_by == "server-socket"
    assert report.transferred_to == FRONT_DESK
    assert report.whispered == f"Silver Birch Dental. {SUMMARY}"
    assert report.afterwards == (f"Dial {FRONT_DESK}", "Hangup")
    assert office.record(report.call_sid)["ended_by"] == "transfer"


async def test_the_caller_is_told_when_nobody_takes_the_call(
    office: Rig, asked: dict[str, Any]
) -> None:
    hangs_up_on_the_whisper = Colleague(bridges=False)
    reports = await asyncio.gather(
        *(
            call(office, *TRANSFERRED, colleague=colleague)
            for colleague in (
                Colleague("busy"),
                Colleague("no-answer"),
                Colleague("failed"),
                hangs_up_on_the_whisper,
            )
        )
    )
    for report in reports:
        assert report.ok, report.failures
        (sentence,) = report.told_afterwards
        assert "nobody can take your call" in sentence
        assert report.afterwards[-1] == "Hangup"
        assert office.record(report.call_sid)["ended_by"] == "transfer"
        assert "transfer not answered" in office.events(report.call_sid)


async def test_a_caller_who_hangs_up_in_the_announcement_is_not_transferred(
    office: Rig, asked: dict[str, Any]
) -> None:
    report = await call(office, ANSWERED, ASKS_FOR_A_PERSON, Hear(0.3), HangUp())
    assert office.record(report.call_sid)["ended_by"] == "caller"
    assert rest_updates(office, report.call_sid) == []


async def test_a_server_that_shuts_down_in_the_announcement_hangs_up(
    office: Rig, asked: dict[str, Any]
) -> None:
    async def shut_down_when_it_is_announced() -> None:
        while ANNOUNCEMENT not in office.spoken_texts():
            await asyncio.sleep(0.05)
        office.server_thread.loop.call_soon_threadsafe(live_calls.end_all, EndedBy.DRAIN)

    async with asyncio.TaskGroup() as group:
        group.create_task(shut_down_when_it_is_announced())
        report = await call(office, *TRANSFERRED)
    assert office.record(report.call_sid)["ended_by"] == "drain"
    assert rest_updates(office, report.call_sid) == [{"Status": "completed"}]


async def test_a_reply_that_the_caller_interrupted_does_not_end_the_call(
    office: Rig, asked: dict[str, Any]
) -> None:
    """The model's answer is on its way when the caller goes on speaking."""
    office.slow_down(llm_first_token_ms=2_500)
    reports = await asyncio.gather(
        *(
            call(
                office, ANSWERED, Speak(line), Pause(1_200), Speak("ask-hours"), ANSWERED, HangUp()
            )
            for line in ("person", "goodbye")
        )
    )
    assert len(office.model_requests()) == 4, "each was asked before the caller went on"
    for report in reports:
        assert report.ok, report.failures
        record = office.record(report.call_sid)
        assert record["ended_by"] == "caller"
        assert "ok" not in [run["outcome"] for run in record["tool_runs"]]
        assert rest_updates(office, report.call_sid) == []
