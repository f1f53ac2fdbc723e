"""The first thing a caller hears, and what the conversation knows of it."""

import pytest
from pytest_django.fixtures import Settings

from rehearsal.caller import HangUp, Hear, Pause, Speak, WaitForAgent, WaitForHangup
from tests.whole_call.rig import GREETING_MS, GREETING_TEXT, Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETING_END = WaitForAgent("finished")


async def test_it_starts_the_greeting_before_the_pipeline_exists(rig: Rig) -> None:
    rig.slow_down(stt_connect_ms=1_500, tts_connect_ms=1_500)
    report = await rig.call(GREETING_END, HangUp())
    assert report.ok, report.failures
    assert report.first_audio_ms is not None and report.first_audio_ms < 500
    timings = rig.record(report.call_sid)["timings"]
    assert timings["agent_ready_ms"] >= 1_400
    assert timings["first_audio_ms"] < timings["agent_ready_ms"]


async def test_it_plays_the_whole_clip_without_a_gap(rig: Rig) -> None:
    report = await rig.call(GREETING_END, HangUp())
    (greeting,) = report.heard
    assert abs(greeting.end_ms - greeting.start_ms - GREETING_MS) <= 40
    assert report.longest_gap_ms == 0


async def test_it_greets_exactly_once_and_the_model_knows(rig: Rig) -> None:
    report = await rig.call(
        GREETING_END,
        Speak("ask-hours"),
        WaitForAgent("finished"),
        Speak("goodbye"),
        WaitForHangup(),
    )
    assert report.ok, report.failures
    for conversation in rig.conversations():
        greetings = [text for role, text in conversation if GREETING_TEXT in text]
        assert greetings == [GREETING_TEXT]
        assert conversation[0] == ("assistant", GREETING_TEXT)
    assert GREETING_TEXT not in " ".join(rig.spoken_texts())
    transcript = rig.record(report.call_sid)["transcript"]
    assert [line["text"] for line in transcript].count(GREETING_TEXT) == 1
    assert not transcript[0]["interrupted"]


async def test_it_stops_the_greeting_when_the_caller_speaks_and_keeps_what_was_heard(
    rig: Rig,
) -> None:
    report = await rig.call(Hear(0.6), Speak("ask-hours"), WaitForAgent("finished"), HangUp())
    assert report.ok, report.failures
    (clear,) = [clear for clear in report.clears if clear.thrown_away_ms > 0]
    heard = rig.record(report.call_sid)["transcript"][0]
    assert heard["interrupted"]
    assert GREETING_TEXT.startswith(heard["text"]) and heard["text"] != GREETING_TEXT
    # 100 ms of the clip to each word: what is written is what had been played at the cut.
    played_ms = clear.at_ms - report.heard[0].start_ms
    assert abs(len(heard["text"].split()) * 100 - played_ms) <= 250
    assert rig.conversations()[0][0] == ("assistant", heard["text"])


async def test_it_is_silent_soon_after_an_interruption(rig: Rig) -> None:
    report = await rig.call(Hear(0.6), Speak("ask-hours", interrupting=True), HangUp())
    (clear,) = [clear for clear in report.clears if clear.thrown_away_ms > 0]
    assert clear.after_line_start_ms is not None and clear.after_line_start_ms < 1_000


async def test_it_protects_a_greeting_and_still_answers_what_was_said_meanwhile(rig: Rig) -> None:
    rig.edit_agent(greeting_policy="protected")
    report = await rig.call(
        Hear(0.2), Speak("ask-hours"), WaitForAgent("finished"), Speak("goodbye"), WaitForHangup()
    )
    assert report.ok, report.failures
    greeting = report.heard[0]
    assert greeting.end_ms - greeting.start_ms >= GREETING_MS - 40
    assert not [clear for clear in report.clears if clear.at_ms < greeting.end_ms]
    first = rig.conversations()[0]
    assert first[0] == ("assistant", GREETING_TEXT)
    assert first[1][0] == "user" and "hours" in first[1][1]
    transcript = rig.record(report.call_sid)["transcript"]
    assert transcript[0]["text"] == GREETING_TEXT and not transcript[0]["interrupted"]


async def test_it_records_only_what_was_heard_when_the_caller_hangs_up_in_the_greeting(
    rig: Rig,
) -> None:
    report = await rig.call(Hear(0.5), HangUp())
    record = rig.record(report.call_sid)
    (line,) = record["transcript"]
    assert GREETING_TEXT.startswith(line["text"]) and line["text"] != GREETING_TEXT
    assert line["interrupted"]
    assert record["ended_by"] == "caller"


async def test_it_speaks_the_text_and_raises_an_alarm_when_the_clip_is_missing(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.edit_agent(greeting_clip=None, greeting_text="Good day to you.")
    report = await rig.call(GREETING_END, Speak("ask-hours"), GREETING_END, HangUp())
    assert report.ok, report.failures
    assert rig.spoken_texts()[0] == "Good day to you."
    assert ("assistant", "Good day to you.") in rig.conversations()[0]
    assert any("no greeting clip" in entry.message for entry in caplog.records)
    assert rig.record(report.call_sid)["transcript"][0]["text"] == "Good day to you."


async def test_it_sends_the_greeting_through_the_pipeline_when_injection_is_off(
    rig: Rig, settings: Settings
) -> None:
    settings.DIRECT_GREETING_INJECTION = False
    rig.slow_down(stt_connect_ms=600)
    report = await rig.call(
        GREETING_END, Speak("ask-hours"), GREETING_END, Speak("goodbye"), WaitForHangup()
    )
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    assert record["timings"]["first_audio_ms"] >= record["timings"]["agent_ready_ms"] - 50
    greeting = report.heard[0]
    assert abs(greeting.end_ms - greeting.start_ms - GREETING_MS) <= 150
    assert rig.conversations()[0][0] == ("assistant", GREETING_TEXT)
    assert record["transcript"][0]["text"] == GREETING_TEXT


async def test_it_lets_the_model_open_when_greeting_audio_is_off(
    rig: Rig, settings: Settings
) -> None:
    settings.GREETING_AUDIO_ENABLED = False
    report = await rig.call(GREETING_END, Speak("goodbye"), WaitForHangup())
    assert report.ok, report.failures
    assert rig.spoken_texts() and GREETING_TEXT not in rig.spoken_texts()
    assert all(GREETING_TEXT not in text for _role, text in rig.conversations()[0])


async def test_it_can_pace_the_greeting_for_a_peer_that_cannot_buffer(
    rig: Rig, settings: Settings
) -> None:
    settings.GREETING_PACING = "realtime"
    report = await rig.call(GREETING_END, HangUp())
    assert report.ok, report.failures
    (greeting,) = report.heard
    assert abs(greeting.end_ms - greeting.start_ms - GREETING_MS) <= 40
    arrivals = [mark.received_ms for mark in report.marks]
    assert arrivals[-1] - arrivals[0] >= 1_000


async def test_it_stops_a_paced_greeting_too(rig: Rig, settings: Settings) -> None:
    settings.GREETING_PACING = "realtime"
    report = await rig.call(Hear(0.5), Speak("ask-hours"), Pause(500), HangUp())
    heard = rig.record(report.call_sid)["transcript"][0]
    assert heard["interrupted"] and GREETING_TEXT.startswith(heard["text"])
