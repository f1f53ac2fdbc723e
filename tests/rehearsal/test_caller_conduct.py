"""How a simulated call begins, and what its telephone and Twilio do, other than they should."""

import asyncio
import base64
import contextlib
import json
import time

import pytest
from aiohttp import WSMsgType

from rehearsal.caller import (
    Conduct,
    Echo,
    GoHalfOpen,
    HangUp,
    Hear,
    LoseTheLine,
    OnlyListen,
    OpenAnotherSocket,
    Pause,
    RepeatWebhook,
    TellStatus,
    WaitForHangup,
)
from rehearsal.caller.mulaw import decode, encode, mixed
from tests.rehearsal.fake_server import ACCOUNT_SID, CONNECT, TONE, FakeServer, Socket
from tests.rehearsal.watched_call import Watch, call

END = HangUp()


# How a stream starts --------------------------------------------------------


@pytest.mark.parametrize("frames", [False, True])
async def test_a_stream_without_a_start(frames):
    received = []

    async def closing(socket: Socket) -> None:
        async with asyncio.timeout(5):
            try:
                while True:
                    received.append(json.loads((await socket.ws.receive(timeout=0.15)).data))
                    if len(received) > 5:
                        break
            except TimeoutError:
                pass
        await socket.ws.close(code=4008)

    conduct = Conduct(starts=False, frames_before_start=frames)
    server = FakeServer(closing, awaits_start=False)
    report = await call(server, WaitForHangup(), conduct=conduct, misbehaviour="no-start")
    assert report.ok, report.failures
    assert {it["event"] for it in received} == ({"connected", "media"} if frames else {"connected"})
    (deed,) = report.deeds
    assert (deed.did, deed.answer) == ("no-start", "closed the stream with 4008")


async def test_a_late_start():
    moments = []

    async def answering(socket: Socket) -> None:
        moments.append(time.monotonic())
        async for message in socket.ws:
            moments.append(time.monotonic())
            if '"start"' in message.data:
                socket.start = json.loads(message.data)
                await socket.say(TONE)

    server = FakeServer(answering, awaits_start=False)
    report = await call(server, Pause(300), END, conduct=Conduct(start_after_ms=200))
    assert report.ok, report.failures
    assert moments[2] - moments[1] >= 0.18, "nothing comes between `connected` and `start`"
    assert report.first_audio_ms < 150, "counted from `start`"


@pytest.mark.parametrize(
    ("conduct", "token", "account"),
    [
        (Conduct(token="none"), None, ACCOUNT_SID),
        (Conduct(token="of another call"), "abc", ACCOUNT_SID),
        (Conduct(foreign_account=True), "abc", "AC" + "f" * 32),
    ],
)
async def test_a_start_that_is_not_this_calls(conduct, token, account):
    async def refusing(socket: Socket) -> None:
        await socket.ws.close(code=4008)

    server = FakeServer(refusing)
    report = await call(server, WaitForHangup(), conduct=conduct)
    assert report.ok, report.failures
    start = server.sockets[0].start["start"]
    assert start["customParameters"].get("token") == token
    assert (start["accountSid"], start["callSid"]) == (account, report.call_sid)
    rang = {form["CallSid"] for form in server.posted("/incoming-call")}
    ended = {form["CallSid"] for form in server.posted("/call-status")}
    assert rang == ended, "the other call, of which nothing came, has ended too"
    assert len(rang) == 1 + (conduct.token == "of another call")


# What comes beside it -------------------------------------------------------


@pytest.mark.parametrize("token", ["replayed", "fresh", "of another call", "made up", "none"])
async def test_it_opens_another_socket_for_the_same_call(token):
    async def refusing_the_second(socket: Socket) -> None:
        if len(socket.server.sockets) > 1:
            await socket.ws.close(code=4008)
        await socket.drain()

    server = FakeServer(refusing_the_second)
    report = await call(server, Pause(40), OpenAnotherSocket(token), Pause(300), END)
    assert report.ok, report.failures
    first, second = (socket.start["start"] for socket in server.sockets)
    assert first["callSid"] == second["callSid"]
    assert first["streamSid"] != second["streamSid"]
    same = first["customParameters"] == second["customParameters"]
    assert same is (token not in ("made up", "none"))
    rings = {"fresh": 2, "of another call": 2}.get(token, 1)
    assert len(server.posted("/incoming-call")) == rings
    (deed,) = report.deeds
    assert (deed.answer, deed.close_code) == ("closed it with 4008", 4008)


async def test_it_tells_when_the_server_leaves_the_other_socket_open():
    steps = (OpenAnotherSocket(foreign_account=True, deadline_seconds=0.1), Pause(300), END)
    report = await call(FakeServer(Watch().behave), *steps)
    assert report.deeds[0].answer == "left it open"


async def test_the_webhook_comes_again():
    server = FakeServer(Watch().behave)
    report = await call(server, RepeatWebhook(), Pause(100), END, conduct=Conduct(rings=2))
    assert len(server.posted("/incoming-call")) == 3
    assert len({form["CallSid"] for form in server.posted("/incoming-call")}) == 1
    assert report.deeds[1].answer == "answered Connect Stream"


async def test_statuses_come_too_soon_twice_late_and_out_of_order():
    server = FakeServer(Watch().behave)
    conduct = Conduct(statuses=("completed", "ringing"), status_delay_seconds=0.1)
    began = time.monotonic()
    report = await call(server, TellStatus(), Pause(60), END, conduct=conduct)
    assert time.monotonic() - began >= 0.16
    statuses = [form["CallStatus"] for form in server.posted("/call-status")]
    assert statuses == ["completed", "completed", "ringing"]
    assert report.deeds[1].answer == "went on"


# How the telephone is -------------------------------------------------------


async def test_marks_never_come_back():
    async def speaking(socket: Socket) -> None:
        await socket.say(TONE * 3)
        await socket.mark("a")
        await socket.clear()
        await socket.drain()

    server = FakeServer(speaking)
    report = await call(server, Pause(150), END, conduct=Conduct(echoes_marks=False))
    assert "mark" not in {message["event"] for message in server.sockets[0].received}
    assert report.marks[0].echoed_ms is None


async def test_the_agent_hears_itself():
    heard: list[tuple[float, float]] = []

    async def speaking(socket: Socket) -> None:
        began = time.monotonic()
        await socket.say(TONE * 10)
        async for message in socket.ws:
            media = json.loads(message.data).get("media")
            if media:
                loudest = abs(decode(base64.b64decode(media["payload"])).astype(int)).max()
                heard.append((time.monotonic() - began, loudest))

    echo = Echo(level_db=-20.0, delay_ms=100.0)
    await call(FakeServer(speaking), Pause(500), END, conduct=Conduct(echo=echo))
    loudest = abs(decode(TONE).astype(int)).max()
    loud = [(at, level) for at, level in heard if level > 100]
    assert 8 <= len(loud) <= 12
    assert all(level == pytest.approx(loudest / 10, rel=0.1) for _at, level in loud)
    assert 0.08 <= loud[0][0] <= 0.4


def test_mu_law_goes_there_and_back():
    every = bytes(range(256))
    assert encode(decode(every)) == every.replace(b"\x7f", b"\xff"), "but for a second zero"
    assert mixed(b"\xff" * 4, TONE[:2], 0.0) == TONE[:2] + b"\xff\xff"


async def test_it_only_listens_and_bears_a_hang_up():
    async def leaving(socket: Socket) -> None:
        await asyncio.sleep(0.1)
        await socket.ws.close()

    report = await call(FakeServer(leaving), OnlyListen(5.0))
    assert report.ok, report.failures
    assert report.ended_ms < 2_000


async def redirecting_when_silent(socket: Socket) -> None:
    """The first stream is redirected over REST once nothing comes; the second is spoken on."""
    if len(socket.server.sockets) == 1:
        with contextlib.suppress(TimeoutError):
            while (await socket.ws.receive(timeout=0.3)).type is WSMsgType.TEXT:
                pass
        await socket.server.change_call("in-progress", CONNECT)
    else:
        await socket.say(TONE * 10)
    await socket.drain()


async def test_half_open_it_goes_on_when_the_server_connects_it_anew_over_rest():
    server = FakeServer(redirecting_when_silent)
    report = await call(server, Pause(60), GoHalfOpen(deadline_seconds=5.0), Hear(0.1), HangUp())
    assert report.ok, report.failures
    assert len(report.streams) == 2 and report.ended_by == "caller"
    assert report.deeds[0].answer == "sent the call to other TwiML"


async def test_a_twilio_that_does_not_ask_waits_for_word_over_rest():
    redirecting = []

    async def later(socket: Socket) -> None:
        await asyncio.sleep(0.4)
        await socket.server.change_call("in-progress", CONNECT)

    async def behave(socket: Socket) -> None:
        if not redirecting:
            redirecting.append(asyncio.create_task(later(socket)))
        else:
            await socket.say(TONE * 10)
        await socket.drain()

    server = FakeServer(behave)
    conduct = Conduct(asks_after_a_loss=False)
    report = await call(server, Pause(60), LoseTheLine(), Hear(0.1), HangUp(), conduct=conduct)
    assert report.ok, report.failures
    assert len(report.streams) == 2 and report.ended_by == "caller"
    assert server.posted("/stream-ended") == []
