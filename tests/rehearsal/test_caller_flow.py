"""The simulated caller goes where TwiML leads it: to another stream, a clip, a colleague."""

import asyncio
from dataclasses import replace

import pytest

from rehearsal.caller import (
    CallReport,
    CallScript,
    CloseWithoutStop,
    HangUp,
    Hear,
    LoseTheLine,
    Pause,
    SimulatedCaller,
    Speak,
    TurnedAway,
    WaitForAgent,
    WaitForHangup,
    webhooks,
)
from rehearsal.caller.timeline import timeline
from rehearsal.speech import Line
from tests.rehearsal.fake_server import CONNECT, PUBLIC_BASE_URL, TONE, FakeServer, Socket, running

NUMBER = "+351200000009"
LINE = Line("tone", "A tone.", TONE * 10)


async def call(server: FakeServer, *steps, **target) -> CallReport:
    async with running(server), asyncio.timeout(20):
        caller = SimulatedCaller(replace(server.target(), **target))
        return await caller.call(CallScript("test", steps))


async def speak(socket: Socket) -> None:
    await socket.say(TONE * 10)
    await socket.mark("spoken")
    await socket.drain()


# Another stream -------------------------------------------------------------


async def test_it_is_taken_up_again_and_goes_on_with_its_script():
    server = FakeServer(speak, action_twimls=[CONNECT])
    report = await call(
        server,
        WaitForAgent("started"),
        LoseTheLine(),
        Speak(LINE),
        WaitForAgent("finished", silence_ms=50),
        HangUp(),
    )
    assert report.ok, report.failures
    assert report.ended_by == "caller"
    first, second = (socket.start for socket in server.sockets)
    assert first["start"]["callSid"] == second["start"]["callSid"] == report.call_sid
    assert first["streamSid"] != second["streamSid"]
    assert [stream.stream_sid for stream in report.streams] == [
        first["streamSid"],
        second["streamSid"],
    ]
    assert [stream.ended_by for stream in report.streams] == ["line", "caller"]
    assert report.followed == ("Connect Stream", "Connect Stream")
    media = [m for m in server.sockets[1].received if m["event"] == "media"]
    assert (media[0]["media"]["chunk"], media[0]["media"]["timestamp"]) == ("1", "0")
    events = [(form["StreamEvent"], form["StreamSid"]) for form in server.posted("/stream-status")]
    assert [kind for kind, _sid in events] == ["stream-started", "stream-stopped"] * 2
    assert events[2][1] == second["streamSid"]


async def test_its_heard_track_goes_on_and_what_was_not_played_is_lost():
    async def long_speech(socket: Socket) -> None:
        await socket.say(TONE * 100)
        await socket.mark("never reached")
        await socket.drain()

    server = FakeServer(long_speech, action_twimls=[CONNECT])
    report = await call(server, Hear(0.2), LoseTheLine(), Hear(0.2), HangUp())
    assert report.ok, report.failures
    before, after = report.heard
    lost_at, second = report.streams[0].ended_ms, report.streams[1]
    assert before.end_ms == pytest.approx(lost_at, abs=1)
    assert after.start_ms >= second.began_ms
    assert second.first_audio_ms >= 0
    assert [mark.echoed_ms for mark in report.marks] == [None, None]
    assert report.gaps == ()


async def test_a_server_that_closes_is_no_failure_when_it_takes_the_call_up_again():
    async def closing_once(socket: Socket) -> None:
        await socket.say(TONE * 5)
        if len(socket.server.sockets) == 1:
            await socket.ws.close(code=1012)
        else:
            await socket.drain()

    server = FakeServer(closing_once, action_twimls=[CONNECT])
    report = await call(server, Pause(200), HangUp())
    assert report.ok, report.failures
    assert [(it.ended_by, it.close_code) for it in report.streams] == [
        ("server-socket", 1012),
        ("caller", None),
    ]


async def test_a_call_taken_up_again_can_be_hung_up_or_redirected_over_rest():
    async def behave(socket: Socket) -> None:
        if len(socket.server.sockets) < 3:
            twiml = CONNECT if len(socket.server.sockets) == 1 else ""
            await socket.say(TONE * 3)
            await asyncio.sleep(0.1)
            await socket.server.change_call("in-progress" if twiml else "completed", twiml)
        await socket.drain()

    server = FakeServer(behave)
    report = await call(server, WaitForHangup())
    assert report.ok, report.failures
    assert [stream.ended_by for stream in report.streams] == ["server-rest", "server-rest"]
    assert server.posted("/stream-ended") == []


async def test_it_does_not_connect_for_ever():
    async def gone(socket: Socket) -> None:
        await socket.ws.close()

    server = FakeServer(gone, action_twiml=CONNECT)
    report = await call(server, WaitForHangup())
    assert "The call was connected to more than 50 streams." in report.failures


async def test_without_an_action_the_next_verb_is_done():
    async def gone(socket: Socket) -> None:
        await socket.ws.close()

    connect = CONNECT.replace(f' action="{PUBLIC_BASE_URL}/stream-ended"', "")
    twiml = connect.replace("</Response>", "<Say>Bye.</Say></Response>")
    report = await call(FakeServer(gone, twiml=twiml), WaitForHangup())
    assert report.followed == ("Connect Stream", "Say Bye.")
    assert report.told_afterwards == ("Bye.",)


# No stream ------------------------------------------------------------------

BUSY = (
    f"<Response><Play>/clip</Play><Say>All lines are busy.</Say>"
    f'<Dial action="{PUBLIC_BASE_URL}/dial-ended">{NUMBER}</Dial></Response>'
)


async def test_a_call_can_be_answered_with_a_clip_and_a_transfer():
    report = await call(FakeServer(speak, twiml=BUSY), TurnedAway())
    assert report.ok, report.failures
    assert report.ended_by == "twiml"
    dial = f"Dial {NUMBER}"
    assert report.followed == ("Play /clip", "Say All lines are busy.", dial, "Hangup")
    assert report.clips == (f"{PUBLIC_BASE_URL}/clip",)
    assert report.told_afterwards == ("All lines are busy.",)
    assert (report.transferred_to, report.dial_status) == (NUMBER, "completed")
    assert report.total_ms > 500, "the colleague talked for half a second"
    assert report.streams == ()
    assert "clip https://voice.example.org/clip" in timeline(report)


async def test_a_caller_who_wants_to_talk_counts_that_as_a_failure():
    report = await call(FakeServer(speak, twiml=BUSY), WaitForHangup())
    assert report.error == "The server answered the call with Play /clip instead of a stream."
    assert report.transferred_to == NUMBER, "and is transferred all the same"


async def test_a_caller_who_is_to_be_turned_away_complains_of_a_stream():
    report = await call(FakeServer(speak), TurnedAway())
    assert report.failures == ("The call was connected to a stream.",)


@pytest.mark.parametrize(
    ("path", "complaint"),
    [("page", "no audio"), ("empty", "0 bytes"), ("nowhere", "answered 404")],
)
async def test_a_clip_that_cannot_be_played_is_a_failure(path, complaint):
    twiml = f"<Response><Play>{PUBLIC_BASE_URL}/{path}</Play></Response>"
    report = await call(FakeServer(speak, twiml=twiml), TurnedAway())
    assert len(report.failures) == 1 and complaint in report.failures[0]


async def test_it_is_redirected_and_passes_over_a_verb_that_nobody_knows():
    twiml = "<Response><Enqueue>x</Enqueue><Redirect>/next</Redirect><Say>No</Say></Response>"
    server = FakeServer(speak, twiml=twiml, action_twiml="<Response><Say>Yes</Say></Response>")
    report = await call(server, TurnedAway())
    assert report.followed == ("Enqueue", "Redirect /next", "Say Yes")
    assert len(server.posted("/next")) == 1
    assert report.violations == ("<Enqueue>, which no simulated caller knows (12200)",)
    assert not report.ok


# The Voice fallback ---------------------------------------------------------

FALLBACK = f"{PUBLIC_BASE_URL}/fallback"


async def test_a_webhook_that_fails_leads_to_the_numbers_fallback():
    server = FakeServer(speak, webhook_status=503)
    report = await call(server, TurnedAway(), voice_fallback_url=FALLBACK)
    assert report.ok, report.failures
    assert "answered 503" in report.fallback and "(11200)" in report.fallback
    assert report.followed == ("Say Call again.", "Hangup")
    (form,) = server.posted("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11200", f"{PUBLIC_BASE_URL}/incoming-call")
    assert "Voice fallback: " in timeline(report)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"webhook_status": 500}, "11200"), ({"twiml": "<Response>"}, "12100")],
)
async def test_without_a_fallback_the_call_fails_and_the_report_says_why(changes, code):
    report = await call(FakeServer(speak, **changes), HangUp())
    assert not report.ok
    assert f"({code})" in report.fallback


async def test_a_webhook_that_takes_too_long_or_nobody_answers(monkeypatch):
    monkeypatch.setattr(webhooks, "WEBHOOK_DEADLINE_SECONDS", 0.1)
    report = await call(FakeServer(speak, webhook_seconds=0.4), HangUp())
    assert "did not answer within 15 s" in report.fallback
    report = await call(FakeServer(speak), HangUp(), base_url="http://127.0.0.1:9")
    assert "(11205)" in report.fallback


async def test_a_close_without_stop_is_taken_up_again_too():
    server = FakeServer(speak, action_twimls=[CONNECT])
    report = await call(server, Pause(60), CloseWithoutStop(1001), Pause(60), HangUp())
    assert report.ok, report.failures
    assert server.sockets[0].ws.close_code == 1001
    assert "stop" not in {message["event"] for message in server.sockets[0].received}
    (deed,) = report.deeds
    assert deed.answer == "took the call up again"
