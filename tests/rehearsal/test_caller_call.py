"""Whole calls of the simulated caller against a tiny server, over real sockets."""

import asyncio
import wave

import numpy as np
import pytest

from rehearsal.caller import (
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
from rehearsal.speech import Line
from tests.rehearsal.fake_server import (
    ACCOUNT_SID,
    PUBLIC_BASE_URL,
    TONE,
    FakeServer,
    Socket,
    running,
)

LINE = Line("tone", "A tone.", TONE * 20)  # 400 ms


async def call(server: FakeServer, *steps, output_dir=None, **script):
    async with running(server), asyncio.timeout(30):
        return await SimulatedCaller(server.target()).call(
            CallScript("test", steps, **script), output_dir
        )


async def greet_and_listen(socket: Socket) -> None:
    await socket.say(TONE * 25)
    await socket.mark("greeting")
    await socket.drain()


async def test_it_makes_a_call_as_twilio_does():
    server = FakeServer(greet_and_listen)
    report = await call(server, WaitForAgent("finished"), HangUp(), from_number="+351200000007")
    assert report.ok, report.failures
    (form,) = server.posted("/incoming-call")
    assert form["From"] == "+351200000007"
    assert form["CallSid"] == report.call_sid
    assert form["AccountSid"] == ACCOUNT_SID
    assert form["CallStatus"] == "ringing"
    (socket,) = server.sockets
    start = socket.start["start"]
    assert start["customParameters"] == {"token": "abc"}
    assert start["tracks"] == ["inbound"]
    assert start["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    assert start["streamSid"] == socket.start["streamSid"] == report.stream_sid
    events = [event["StreamEvent"] for event in server.posted("/stream-status")]
    assert events == ["stream-started", "stream-stopped"]
    (ended,) = server.posted("/call-status")
    assert ended["CallStatus"] == "completed"
    assert server.posted("/stream-ended") == []  # the call is over, so no TwiML is asked for
    assert server.calls == {report.call_sid: "completed"}


async def test_it_counts_its_messages_and_sends_20_ms_each():
    server = FakeServer(greet_and_listen)
    report = await call(server, Pause(500), Press("5"), Pause(100), HangUp())
    assert report.ok, report.failures
    messages = server.sockets[0].received
    assert messages[0]["event"] == "connected"
    numbers = [int(message["sequenceNumber"]) for message in messages[1:]]
    assert numbers == list(range(1, len(numbers) + 1))
    media = [message["media"] for message in messages if message["event"] == "media"]
    assert [m["chunk"] for m in media] == [str(n + 1) for n in range(len(media))]
    assert [m["timestamp"] for m in media] == [str(n * 20) for n in range(len(media))]
    assert 29 <= len(media) <= 36  # 600 ms
    assert {len(m["payload"]) for m in media} == {216}
    assert [m["dtmf"]["digit"] for m in messages if m["event"] == "dtmf"] == ["5"]
    assert messages[-1]["event"] == "stop"


async def test_it_measures_the_first_audio_and_echoes_the_mark_once_it_was_played():
    async def late(socket: Socket) -> None:
        await asyncio.sleep(0.2)
        await greet_and_listen(socket)

    report = await call(FakeServer(late), WaitForAgent("finished"), HangUp())
    assert 200 <= report.first_audio_ms < 400
    (mark,) = report.marks
    assert mark.echoed_ms - report.first_audio_ms == pytest.approx(500, abs=120)
    assert not mark.cleared
    (heard,) = report.heard
    assert heard.end_ms - heard.start_ms == pytest.approx(500, abs=1)


async def test_it_interrupts_and_tells_how_soon_there_was_silence():
    async def interruptible(socket: Socket) -> None:
        await socket.say(TONE * 250)
        await socket.mark("greeting")
        await socket.next_speech()
        await asyncio.sleep(0.2)
        await socket.clear()
        await socket.drain()

    report = await call(
        FakeServer(interruptible), Hear(0.5), Speak(LINE, interrupting=True), HangUp()
    )
    assert report.ok, report.failures
    (clear,) = report.clears
    assert clear.line == "tone"
    assert 200 <= clear.after_line_start_ms < 450
    assert clear.thrown_away_ms > 4000
    (mark,) = report.marks
    assert mark.cleared
    (heard,) = report.heard
    assert heard.end_ms == pytest.approx(clear.at_ms, abs=1)


async def test_it_complains_when_an_interruption_has_no_effect():
    async def deaf(socket: Socket) -> None:
        await socket.say(TONE * 300)
        await socket.drain()

    report = await call(
        FakeServer(deaf), Hear(0.5), Speak(LINE, interrupting=True), Pause(1600), HangUp()
    )
    assert report.failures == ("The agent was not interrupted by 'tone'.",)


async def test_it_measures_a_reply_from_the_end_of_the_line():
    async def replying(socket: Socket) -> None:
        await socket.next_speech()
        await socket.next_silence()
        await asyncio.sleep(0.3)
        await greet_and_listen(socket)

    report = await call(
        FakeServer(replying), Pause(100), Speak(LINE), WaitForAgent("finished"), HangUp()
    )
    (reply,) = report.replies
    assert reply.line == "tone"
    assert reply.gap_ms == pytest.approx(320, abs=150)
    (said,) = report.said
    assert said.end_ms - said.start_ms == 400


async def test_it_finds_a_gap_inside_an_utterance():
    async def stuttering(socket: Socket) -> None:
        await socket.say(TONE * 20)
        await asyncio.sleep(0.6)  # 200 ms longer than the audio
        await socket.say(TONE * 20)
        await socket.mark("end")
        await socket.drain()

    report = await call(FakeServer(stuttering), WaitForAgent("finished"), HangUp())
    assert report.longest_gap_ms == pytest.approx(200, abs=120)
    assert report.longest_gap_in_speech_ms == report.longest_gap_ms
    assert len(report.heard) == 1


async def test_it_obeys_a_hang_up_over_rest_and_hears_the_goodbye():
    async def polite(socket: Socket) -> None:
        await socket.say(TONE * 25)
        await socket.mark("goodbye")
        await socket.next("mark")
        await socket.server.change_call("completed")
        await socket.drain()

    server = FakeServer(polite)
    report = await call(server, WaitForHangup())
    assert report.ok, report.failures
    assert report.ended_by == "server-rest"
    assert report.goodbye_heard is True
    assert server.sockets[0].received[-1]["event"] == "stop"
    assert server.posted("/stream-ended") == []


async def test_it_notices_a_goodbye_that_was_cut_off():
    async def hasty(socket: Socket) -> None:
        await socket.say(TONE * 100)
        await asyncio.sleep(0.5)
        await socket.server.change_call("completed")
        await socket.drain()

    report = await call(FakeServer(hasty), WaitForHangup())
    assert report.goodbye_heard is False
    assert report.unheard_ms == pytest.approx(1500, abs=200)
    assert report.failures == ("The agent hung up before its last words were heard.",)


async def test_it_asks_the_action_url_when_the_server_closes_the_socket():
    async def closing(socket: Socket) -> None:
        await socket.say(TONE * 10)
        await asyncio.sleep(0.3)

    server = FakeServer(closing)
    report = await call(server, WaitForHangup())
    assert report.ok, report.failures
    assert report.ended_by == "server-socket"
    assert report.close_code == 1000
    assert report.afterwards == ("Hangup",)
    assert len(server.posted("/stream-ended")) == 1


async def test_it_follows_a_transfer_over_rest():
    async def transferring(socket: Socket) -> None:
        await socket.say(TONE * 10)
        await asyncio.sleep(0.3)
        await socket.server.change_call(
            "in-progress", "<Response><Dial>+351200000009</Dial></Response>"
        )
        await socket.drain()

    report = await call(FakeServer(transferring), WaitForHangup())
    assert report.ended_by == "server-rest"
    assert report.afterwards == ("Dial +351200000009",)


async def test_it_collects_every_breach_of_the_message_schema():
    async def sloppy(socket: Socket) -> None:
        await socket.say(TONE)
        await socket.send({"event": "mark", "streamSid": socket.stream_sid})
        await socket.send({"event": "clear", "streamSid": "MZ" + "0" * 32})
        await socket.send({"event": "hello"})
        await socket.ws.send_bytes(TONE)
        await socket.ws.send_str("nonsense")
        await socket.drain()

    report = await call(FakeServer(sloppy), Pause(300), HangUp())
    assert len(report.violations) == 5
    assert any("binary frame" in violation for violation in report.violations)
    assert any("foreign streamSid" in violation for violation in report.violations)
    assert report.failures[0].startswith("The server broke Twilio's message schema")


async def test_it_fails_with_a_sentence_when_the_agent_stays_silent():
    async def silent(socket: Socket) -> None:
        await socket.drain()

    report = await call(FakeServer(silent), WaitForAgent("started", deadline_seconds=0.3))
    assert report.failures == ("The agent did not begin to speak within 0.3 s (step 1).",)
    assert report.ended_by == "caller"
    assert report.first_audio_ms is None


async def test_it_fails_when_the_agent_hangs_up_too_soon():
    async def gone(socket: Socket) -> None:
        await socket.say(TONE * 5)
        await asyncio.sleep(0.2)

    report = await call(FakeServer(gone), Pause(5000), HangUp())
    assert report.ended_by == "server-socket"
    assert report.failures == ("The agent hung up during step 1 (Pause).",)


async def test_it_reports_a_call_that_was_refused():
    server = FakeServer(greet_and_listen, twiml='<Response><Reject reason="busy"/></Response>')
    report = await call(server, WaitForHangup())
    assert report.verbs == ("Reject busy",)
    assert report.ended_by == "error"
    assert report.error == "The server answered the call with Reject busy instead of a stream."
    assert server.sockets == []
    assert len(server.posted("/call-status")) == 1


async def test_it_reports_a_webhook_that_refuses_its_signature():
    server = FakeServer(greet_and_listen)
    async with running(server):
        caller = SimulatedCaller(server.target(auth_token="another"))
        report = await caller.call(CallScript("test", (HangUp(),)))
    assert report.error == f"{PUBLIC_BASE_URL}/incoming-call answered 403 instead of TwiML."


async def test_it_reports_a_server_that_is_not_there():
    server = FakeServer(greet_and_listen)
    async with running(server):
        target = server.target()
    report = await SimulatedCaller(target).call(CallScript("test", (HangUp(),)))
    assert not report.ok
    assert "could not be reached" in report.error or "did not take the call" in report.error


async def test_it_reports_a_stream_that_was_refused_and_tells_the_status_callback():
    server = FakeServer(
        greet_and_listen,
        twiml='<Response><Connect><Stream url="wss://voice.example.org/elsewhere" '
        f'statusCallback="{PUBLIC_BASE_URL}/stream-status"/></Connect></Response>',
    )
    report = await call(server, HangUp())
    assert "answered the WebSocket upgrade with 404" in report.error
    (event,) = server.posted("/stream-status")
    assert event["StreamEvent"] == "stream-error"


async def test_it_gives_up_after_the_scripts_limit():
    report = await call(FakeServer(greet_and_listen), Pause(60_000), limit_seconds=0.4)
    assert report.failures == ("The call was not over after 0.4 s.",)
    assert report.ended_ms == pytest.approx(400, abs=150)


async def test_it_records_the_caller_left_and_the_agent_right(tmp_path):
    report = await call(
        FakeServer(greet_and_listen),
        WaitForAgent("finished"),
        Speak(LINE),
        HangUp(),
        output_dir=tmp_path,
    )
    with wave.open(report.wav_path) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    assert len(samples) / 8 == pytest.approx(report.ended_ms, abs=1)
    (heard,), (said,) = report.heard, report.said
    for channel, start_ms, end_ms in (
        (1, heard.start_ms, heard.end_ms),
        (0, said.start_ms, said.end_ms),
    ):
        loud = np.flatnonzero(np.abs(samples[:, channel]) > 100)
        assert loud[0] / 8 == pytest.approx(start_ms, abs=1)
        assert loud[-1] / 8 == pytest.approx(end_ms, abs=1)


async def test_it_leaves_no_task_behind():
    before = asyncio.all_tasks()
    await call(FakeServer(greet_and_listen), Pause(200), HangUp())
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
