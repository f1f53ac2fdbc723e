"""A caller whose line broke is connected once more, and the conversation goes on where it was."""

import pytest
from pytest_django.fixtures import Settings

from rehearsal.caller import (
    CallReport,
    CloseWithoutStop,
    GoHalfOpen,
    HangUp,
    Hear,
    LoseTheLine,
    Pause,
    Speak,
    WaitForAgent,
    WaitForHangup,
)
from tests.whole_call.rig import GREETING_TEXT, Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETED = WaitForAgent("finished")
BACK = "Sorry, we were cut off for a moment."
GO_ON = "Sorry, we were cut off for a moment. Please go on."
COLLEAGUE = "+351200000009"


def said_by_the_agent(rig: Rig, report: CallReport) -> list[str]:
    transcript = rig.record(report.call_sid)["transcript"]
    return [line["text"] for line in transcript if line["speaker"] == "agent"]


async def test_a_broken_line_is_connected_anew_and_the_conversation_goes_on(rig: Rig) -> None:
    report = await rig.call(
        GREETED,
        Speak("ask-hours"),
        WaitForAgent("finished"),
        LoseTheLine(),
        WaitForAgent("finished"),
        Speak("ask-hours"),
        WaitForAgent("finished"),
        HangUp(),
    )
    assert report.ok, report.failures
    assert [stream.ended_by for stream in report.streams] == ["line", "caller"]
    again = report.streams[1]
    assert again.first_audio_ms is not None and again.first_audio_ms < 1_000
    assert again.began_ms - report.streams[0].ended_ms < 2_000
    record = rig.record(report.call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "caller")
    spoken = said_by_the_agent(rig, report)
    assert spoken[0] == GREETING_TEXT and spoken.count(GREETING_TEXT) == 1
    assert spoken[2] == GO_ON
    first, second = rig.conversations()[0], rig.conversations()[-1]
    assert second[: len(first)] == first, "the earlier conversation stands in the request"
    assert ("assistant", GO_ON) in second
    assert [role for role, _text in second].count("user") == 2
    times = [line["at_ms"] for line in record["transcript"]]
    assert times == sorted(times)
    events = rig.events(report.call_sid)
    assert events.index("line lost") < events.index("resumed")
    assert events.count("agent ready") == 1 and events.count("first audio") == 1


async def test_who_asked_and_heard_no_answer_is_answered_when_they_are_back(rig: Rig) -> None:
    report = await rig.call(
        GREETED,
        Speak("ask-hours"),
        Hear(0.6),
        LoseTheLine(),
        WaitForAgent("finished", silence_ms=2_500),
        HangUp(),
    )
    assert report.ok, report.failures
    spoken = said_by_the_agent(rig, report)
    assert BACK in spoken and GO_ON not in spoken
    assert "9 to 5" in spoken[-1], "the model answers what was asked before"
    last = rig.conversations()[-1]
    assert last[-1][0] == "developer" and "cut off" in last[-1][1]
    assert any(role == "user" and "hours" in text for role, text in last)
    assert spoken.index(BACK) == len(spoken) - 2


async def test_a_half_open_line_is_found_and_the_caller_connected_anew(rig: Rig) -> None:
    report = await rig.call(
        GREETED,
        GoHalfOpen(),
        WaitForAgent("finished"),
        Speak("ask-hours"),
        WaitForAgent("finished"),
        HangUp(),
    )
    assert report.ok, report.failures
    fell_silent_ms = report.deeds[0].at_ms
    assert 4_000 < report.streams[1].began_ms - fell_silent_ms < 8_000
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "caller"
    assert said_by_the_agent(rig, report).count(GREETING_TEXT) == 1
    assert ("assistant", GREETING_TEXT) in rig.conversations()[-1]
    assert [list(told) for told in rig.told_twilio(report.call_sid)] == [["Twiml"]]


async def test_a_line_that_breaks_twice_ends_in_an_apology_and_a_person(rig: Rig) -> None:
    rig.edit_agent(transfer_number=COLLEAGUE)
    report = await rig.call(GREETED, LoseTheLine(), Hear(0.5), LoseTheLine(), Pause(60_000))
    assert len(report.streams) == 2
    assert report.clips and report.transferred_to == COLLEAGUE
    record = rig.record(report.call_sid)
    assert (record["status"], record["ended_by"]) == ("failed", "error")
    events = rig.events(report.call_sid)
    assert (events.count("line lost"), events.count("resumed")) == (2, 1)
    assert not any("Status" in told for told in rig.told_twilio(report.call_sid))


async def test_without_anybody_to_dial_the_apology_is_the_end(rig: Rig) -> None:
    report = await rig.call(GREETED, LoseTheLine(), Hear(0.5), LoseTheLine(), Pause(60_000))
    assert report.clips and report.transferred_to is None
    assert report.followed[-2:] == ("Play", "Hangup") or report.followed[-1] == "Hangup"
    assert rig.record(report.call_sid)["ended_by"] == "error"


async def test_a_half_open_line_that_was_resumed_before_ends_in_an_apology(rig: Rig) -> None:
    report = await rig.call(GREETED, LoseTheLine(), Hear(0.5), GoHalfOpen(), WaitForHangup(30.0))
    assert len(report.streams) == 2 and report.clips
    assert rig.record(report.call_sid)["ended_by"] == "error"


async def test_who_closes_politely_and_is_still_there_is_connected_anew(rig: Rig) -> None:
    report = await rig.call(
        GREETED, CloseWithoutStop(1000), WaitForAgent("finished"), Speak("ask-hours"), Hear(0.5),
        HangUp(),
    )  # fmt: skip
    assert report.ok, report.failures
    assert rig.record(report.call_sid)["ended_by"] == "caller"


async def test_a_call_that_ended_as_it_should_is_hung_up(rig: Rig, settings: Settings) -> None:
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
    report = await rig.call(GREETED, Speak("goodbye"), WaitForHangup())
    assert report.ended_by == "server-socket"
    assert report.followed[-1] == "Hangup"


async def test_the_model_knows_what_was_done_before_the_line_broke(rig: Rig) -> None:
    """So that nothing is booked twice by a server that did not book it."""
    report = await rig.call(
        GREETED,
        Speak("what-time"),
        WaitForAgent("finished"),
        LoseTheLine(),
        WaitForAgent("finished"),
        Speak("ask-hours"),
        WaitForAgent("finished"),
        HangUp(),
    )
    assert report.ok, report.failures
    messages = rig.model_requests()[-1]["messages"]
    [asked] = [it["tool_calls"] for it in messages if it.get("tool_calls")]
    [result] = [it for it in messages if it["role"] == "tool"]
    assert asked[0]["function"]["name"] == "get_current_time"
    assert (result["tool_call_id"], '"ok": true' in result["content"]) == (asked[0]["id"], True)
    runs = rig.record(report.call_sid)["tool_runs"]
    assert [run["name"] for run in runs] == ["get_current_time"]
