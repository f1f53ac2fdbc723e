"""What is said after the greeting, and what reaches the vendors' wires."""

import asyncio
import statistics

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from rehearsal.caller import HangUp, Hear, Speak, WaitForAgent, WaitForHangup, line
from tests.whole_call.rig import GREETING_TEXT, Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETING_END = WaitForAgent("finished")
QUESTION = (GREETING_END, Speak("ask-hours"), WaitForAgent("finished"))


async def test_it_answers_what_was_said(rig: Rig) -> None:
    report = await rig.call(*QUESTION, HangUp())
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    said = [said for said in record["transcript"] if said["speaker"] == "caller"]
    assert [words["text"] for words in said] == [line("ask-hours").text]
    reply = record["transcript"][2]
    assert "Saturday" in reply["text"] and reply["reply_ms"] > 0
    # The record's moments are the caller's moments.
    assert abs(said[0]["at_ms"] - report.said[0].start_ms) <= 400
    assert abs(reply["at_ms"] - report.replies[0].start_ms) <= 400
    assert record["timings"]["first_reply_audio_ms"] == reply["at_ms"]
    assert (
        record["timings"]["agent_ready_ms"]
        < record["timings"]["first_llm_response_ms"]
        < record["timings"]["first_reply_audio_ms"]
    )


async def test_it_stops_a_reply_when_interrupted_and_remembers_only_what_was_heard(
    rig: Rig,
) -> None:
    report = await rig.call(
        GREETING_END,
        Speak("ask-hours"),
        Hear(1.5),
        Speak("and-saturday", interrupting=True),
        WaitForAgent("finished"),
        HangUp(),
    )
    assert report.ok, report.failures
    whole_reply = " ".join(rig.spoken_texts())
    second = rig.conversations()[1]
    remembered = second[2][1]
    assert remembered and len(remembered) < len(whole_reply) * 0.6
    cut = rig.record(report.call_sid)["transcript"][2]
    assert cut["interrupted"] and cut["text"] == remembered


async def test_it_runs_a_tool_and_says_what_came_of_it(rig: Rig) -> None:
    report = await rig.call(GREETING_END, Speak("what-time"), WaitForAgent("finished"), HangUp())
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    (run,) = record["tool_runs"]
    assert (run["name"], run["outcome"]) == ("get_current_time", "ok")
    assert len(rig.model_requests()) == 2


async def test_it_offers_the_first_stage_and_widens_after_the_first_reply(rig: Rig) -> None:
    await rig.call(*QUESTION, Speak("who-am-i"), WaitForAgent("finished"), HangUp())
    offered = [
        {tool["function"]["name"] for tool in request["tools"]} for request in rig.model_requests()
    ]
    assert offered[0] == {"end_call", "get_current_time"}
    assert offered[0] < offered[1]
    assert {"get_customer", "book_appointment"} <= offered[1]
    assert "add_customer_fact" not in offered[1], "which belongs to a later stage"


async def test_it_speaks_portuguese_on_every_wire(rig: Rig) -> None:
    rig.edit_agent(language="pt-BR", voice_id="11111111-2222-3333-4444-555555555555")
    await rig.call(*QUESTION, HangUp())
    (connect,) = rig.providers.log.entries("stt", "connect")
    assert connect.query["language"] == "pt"
    assert connect.query["model"] == django_settings.CARTESIA_STT_MODEL
    assert connect.query["encoding"] == "pcm_s16le"
    assert connect.query["sample_rate"] == "8000"
    spoken = [
        entry.body
        for entry in rig.providers.log.entries("tts", "message")
        if isinstance(entry.body, dict) and entry.body.get("transcript")
    ]
    assert spoken
    for body in spoken:
        assert body["language"] == "pt-BR"
        assert body["voice"] == {"mode": "id", "id": "11111111-2222-3333-4444-555555555555"}
        assert body["model_id"] == django_settings.CARTESIA_TTS_MODEL
        assert body["output_format"] == {
            "container": "raw",
            "encoding": "pcm_s16le",
            "sample_rate": 8000,
        }
    assert "pt-BR" in rig.system_prompts()[0]
    assert rig.model_requests()[0]["model"] == django_settings.OPENAI_MODEL


async def test_it_connects_its_providers_side_by_side(rig: Rig) -> None:
    rig.slow_down(stt_connect_ms=600, tts_connect_ms=600)
    report = await rig.call(GREETING_END, HangUp())
    assert 550 <= rig.record(report.call_sid)["timings"]["agent_ready_ms"] < 1_100


async def test_it_keeps_what_is_said_before_the_providers_are_connected(rig: Rig) -> None:
    rig.slow_down(stt_connect_ms=2_500)
    report = await rig.call(
        Hear(0.2), Speak("ask-hours"), WaitForAgent("finished"), Speak("goodbye"), WaitForHangup()
    )
    assert report.ok, report.failures
    assert any("hours" in text for _role, text in rig.conversations()[0])


async def test_it_decides_turns_by_the_smart_model_too(rig: Rig, settings: Settings) -> None:
    settings.TURN_DETECTION = "smart"
    report = await rig.call(*QUESTION, HangUp())
    assert report.ok, report.failures


async def test_it_loads_on_the_first_call_when_eager_loading_is_off(
    rig: Rig, settings: Settings
) -> None:
    from calls import warmup
    from catalog import warmup as catalog_warmup

    settings.EAGER_TOOL_LOADING = False
    loaded, snapshot = dict(warmup._loaded), catalog_warmup._snapshot
    warmup._loaded.clear()
    catalog_warmup._snapshot = None
    try:
        report = await rig.call(*QUESTION, HangUp())
        assert report.ok, report.failures
        assert warmup._loaded and catalog_warmup.is_warm()
    finally:
        warmup._loaded.update(loaded)
        catalog_warmup._snapshot = catalog_warmup._snapshot or snapshot


async def test_it_serves_ten_calls_at_once(rig: Rig) -> None:
    async def one(number: int) -> object:
        await asyncio.sleep(number * 0.1)
        return await rig.call(*QUESTION, Speak("goodbye"), WaitForHangup(deadline_seconds=30))

    reports = await asyncio.gather(*(one(number) for number in range(10)))
    assert [report.failures for report in reports if not report.ok] == []
    first_audio = [report.first_audio_ms for report in reports]
    assert statistics.median(first_audio) < 150
    assert all(len(report.replies) >= 2 for report in reports)
    assert all(report.replies[0].start_ms is not None for report in reports)
    for report in reports:
        record = rig.record(report.call_sid)
        assert record["ended_by"] == "agent"
        assert record["transcript"][0]["text"] == GREETING_TEXT
