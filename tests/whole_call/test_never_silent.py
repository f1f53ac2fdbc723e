"""Whatever breaks, the caller hears something sensible soon, and the record says what broke."""

import dataclasses

import pytest
from pytest_django.fixtures import Settings

from rehearsal.caller import HangUp, Hear, Speak, WaitForAgent, WaitForHangup
from tests.whole_call.dead_air import longest_dead_air_ms
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETING_END = WaitForAgent("finished")
MOST_DEAD_AIR_MS = 3_000  # two seconds, and one for a busy machine
COLLEAGUE = "+351200000099"


@pytest.mark.parametrize("fault", ["refuse", "limited", "silent", "error"])
@pytest.mark.parametrize("provider", ["tts", "stt"])
async def test_a_dead_provider_ends_the_call_with_an_apology_within_fifteen_seconds(
    rig: Rig, provider: str, fault: str
) -> None:
    rig.break_down(**{provider: fault})
    report = await rig.call(GREETING_END, Speak("ask-hours"), WaitForHangup(deadline_seconds=30))
    record = rig.record(report.call_sid)
    assert (record["status"], record["ended_by"]) == ("failed", "error")
    assert "something is not working here" in record["transcript"][-1]["text"]
    asked = [line.end_ms for line in report.said]
    assert report.ended_ms - (asked[-1] if asked else 0.0) <= 16_000
    assert longest_dead_air_ms(report) <= MOST_DEAD_AIR_MS
    assert f"{provider} stumbled" in rig.events(report.call_sid)
    assert report.unheard_ms == 0, ("not heard to its end", record["transcript"], report.heard)


@pytest.mark.parametrize("provider", ["llm", "tts", "stt"])
async def test_a_person_takes_the_call_when_there_is_one(rig: Rig, provider: str) -> None:
    rig.edit_agent(transfer_number=COLLEAGUE)
    rig.break_down(**{provider: "refuse"})
    report = await rig.call(GREETING_END, Speak("ask-hours"), WaitForHangup(deadline_seconds=30))
    assert report.transferred_to == COLLEAGUE
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "error"
    assert "putting you through" in record["transcript"][-1]["text"]


async def test_a_slow_model_is_bridged_and_then_answers(rig: Rig) -> None:
    rig.slow_down(llm_first_token_ms=2_000)
    report = await rig.call(GREETING_END, Speak("ask-hours"), WaitForAgent("finished"), HangUp())
    record = rig.record(report.call_sid)
    texts = [line["text"] for line in record["transcript"]]
    assert texts[2] == "One moment, please."
    assert "Monday to Saturday" in " ".join(texts[3:])
    assert longest_dead_air_ms(report) <= MOST_DEAD_AIR_MS


async def test_what_nine_callers_found_dead_the_tenth_does_not_wait_for(rig: Rig) -> None:
    rig.break_down(llm="silent")
    for _call in range(2):
        await rig.call(GREETING_END, Speak("ask-hours"), WaitForHangup(deadline_seconds=30))
    before = len(rig.model_requests())
    report = await rig.call(GREETING_END, Speak("ask-hours"), WaitForHangup(deadline_seconds=30))
    assert len(rig.model_requests()) - before <= 1
    assert rig.record(report.call_sid)["ended_by"] == "error"


async def test_a_caller_who_says_nothing_is_asked_twice_and_told_goodbye(rig: Rig) -> None:
    rig.edit_agent(silence_seconds=1)
    report = await rig.call(WaitForHangup(deadline_seconds=30))
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "timeout"
    agent_said = [line["text"] for line in record["transcript"]][1:]
    assert agent_said == [
        "Are you still there?",
        "I cannot hear you. If you are there, please say something.",
        "I cannot hear anybody, so I am hanging up. Please call again. Goodbye.",
    ]
    assert report.goodbye_heard and report.unheard_ms == 0


async def test_who_answers_in_between_is_not_hung_up_on(rig: Rig) -> None:
    rig.edit_agent(silence_seconds=1)
    report = await rig.call(
        GREETING_END, Hear(0.3), Speak("ask-hours"), WaitForAgent("finished"), HangUp()
    )
    assert report.ok, report.failures
    assert rig.record(report.call_sid)["ended_by"] == "caller"


async def test_a_call_ends_when_it_has_cost_enough(rig: Rig, settings: Settings) -> None:
    settings.PRICES = dataclasses.replace(settings.PRICES, phone_minute=1.0)
    rig.edit_agent(most_cost="0.50")
    report = await rig.call(WaitForHangup(deadline_seconds=20))
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "timeout"
    assert "I have to end this call now" in record["transcript"][-1]["text"]
    assert report.unheard_ms == 0
