"""What the simulated caller does that Twilio never does, as the server sees it."""

import asyncio
import base64
import contextlib
import json
import time

import pytest
from aiohttp import WSMsgType

from rehearsal.caller import (
    CallReport,
    CallScript,
    CloseWithoutStop,
    Conduct,
    Echo,
    Flood,
    GoHalfOpen,
    HangUp,
    Hear,
    LoseTheLine,
    OnlyListen,
    OpenAnotherSocket,
    Pause,
    RepeatWebhook,
    SendBinary,
    SendHostile,
    SendOversize,
    SimulatedCaller,
    SpoilFrames,
    Stall,
    StopAndStay,
    TellStatus,
    WaitForHangup,
)
from rehearsal.caller.hostile_messages import hostile_messages
from rehearsal.caller.mulaw import decode, encode, mixed
from tests.rehearsal.fake_server import ACCOUNT_SID, CONNECT, TONE, FakeServer, Socket, running

END = HangUp()


class Watch:
    """Everything that came over each socket, with the moment."""

    def __init__(self) -> None:
        self.frames: list[list[tuple[float, object]]] = []

    async def behave(self, socket: Socket) -> None:
        frames: list[tuple[float, object]] = []
        self.frames.append(frames)
        async for message in socket.ws:
            frames.append((time.monotonic(), message.data))

    @property
    def texts(self) -> list[str]:
        return [data for _at, data in self.frames[0] if isinstance(data, str)]

    @property
    def messages(self) -> list[dict]:
        return [json.loads(text) for text in self.texts]

    def numbers(self) -> list[int]:
        return [int(it["sequenceNumber"]) for it in self.messages if it["event"] == "media"]


async def call(server: FakeServer, *steps, **script) -> CallReport:
    async with running(server), asyncio.timeout(20):
        return await SimulatedCaller(server.target()).call(CallScript("test", steps, **script))


# How a stream breaks off ----------------------------------------------------


async def test_it_resets_the_connection_and_asks_the_action():
    ended = []

    async def watching(socket: Socket) -> None:
        try:
            async for _message in socket.ws:
                pass
        finally:
            ended.append(socket.ws.close_code)

    server = FakeServer(watching)
    report = await call(server, Pause(60), LoseTheLine())
    assert report.ok, report.failures
    assert (report.ended_by, report.afterwards) == ("line", ("Hangup",))
    assert ended == [1006] or ended == [None], "nobody said goodbye"
    (deed,) = report.deeds
    assert "was reset" in deed.did
    assert deed.answer == "let the call end"


async def test_it_closes_without_a_stop():
    watch = Watch()
    server = FakeServer(watch.behave)
    report = await call(server, Pause(60), CloseWithoutStop())
    assert report.ended_by == "line"
    assert server.sockets[0].ws.close_code == 1000
    assert {message["event"] for message in watch.messages} == {"media"}


async def test_it_stops_and_stays_until_the_server_closes():
    watch = Watch()

    async def closing_late(socket: Socket) -> None:
        reading = asyncio.create_task(watch.behave(socket))
        while not watch.frames or '"stop"' not in str(watch.frames):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await socket.ws.close(code=1000)
        await reading

    server = FakeServer(closing_late)
    report = await call(server, Pause(40), StopAndStay())
    assert report.ok, report.failures
    events = [message["event"] for message in watch.messages]
    assert events.count("stop") == 1
    assert events[events.index("stop") + 1 :].count("media") >= 2
    (deed,) = report.deeds
    assert (deed.answer, deed.close_code) == ("closed the stream with 1000", 1000)
    assert 80 <= deed.after_ms < 1_000
    assert report.ended_by == "caller", "the call was over when `stop` was sent"
    assert server.posted("/stream-ended") == []


async def test_it_complains_of_a_server_that_does_not_close_after_stop():
    report = await call(FakeServer(Watch().behave), StopAndStay(deadline_seconds=0.1))
    assert report.failures == ("The server did not end the call within 0.1 s (step 1).",)
    assert report.deeds[0].answer == "went on"


async def test_half_open_it_sends_nothing_and_answers_no_ping():
    async def pinging(socket: Socket) -> None:
        with pytest.raises(TimeoutError):
            while True:
                await socket.ws.receive(timeout=0.15)
        await socket.ws.ping(b"anybody?")
        with pytest.raises(TimeoutError):
            await socket.ws.receive(timeout=0.1)
        await socket.server.change_call("completed")

    report = await call(FakeServer(pinging), Pause(60), GoHalfOpen(deadline_seconds=5.0))
    assert report.ok, report.failures
    assert report.ended_by == "server-rest"
    (deed,) = report.deeds
    assert deed.answer == "hung up"
    assert 150 <= deed.after_ms < 2_000


async def test_half_open_it_looks_at_last_whether_the_server_has_closed():
    async def closing(socket: Socket) -> None:
        await asyncio.sleep(0.1)
        asyncio.get_running_loop().create_task(socket.ws.close(code=1011))
        await asyncio.sleep(1.5)

    report = await call(FakeServer(closing), GoHalfOpen(deadline_seconds=0.7))
    assert report.ok, report.failures
    assert report.deeds[0].close_code == 1011


async def test_half_open_and_nobody_notices():
    report = await call(FakeServer(Watch().behave), GoHalfOpen(deadline_seconds=0.2))
    assert report.failures == ("The server did not end the call within 0.2 s (step 1).",)


# How frames travel ----------------------------------------------------------


async def test_it_stalls_and_then_sends_what_was_kept():
    watch = Watch()
    report = await call(FakeServer(watch.behave), Pause(60), Stall(0.3), Pause(60), END)
    assert report.ok, report.failures
    moments = [at for at, _data in watch.frames[0]]
    gaps = [after - before for before, after in zip(moments, moments[1:], strict=False)]
    longest = max(gaps)
    at_once = [gap for gap in gaps[gaps.index(longest) + 1 :][:10] if gap < 0.005]
    assert longest > 0.25 and len(at_once) >= 8
    numbers = watch.numbers()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "none is lost"


async def test_frames_are_lost_and_their_numbers_jump():
    watch = Watch()
    await call(FakeServer(watch.behave), Pause(60), SpoilFrames("lost", 200), Pause(60), END)
    numbers = watch.numbers()
    jumps = [b - a for a, b in zip(numbers, numbers[1:], strict=False)]
    assert 8 <= max(jumps) <= 13
    assert jumps.count(1) == len(jumps) - 1
    chunks = [int(it["media"]["chunk"]) for it in watch.messages if it["event"] == "media"]
    assert max(b - a for a, b in zip(chunks, chunks[1:], strict=False)) == max(jumps)


async def test_frames_come_twice():
    watch = Watch()
    await call(FakeServer(watch.behave), Pause(60), SpoilFrames("twice", 200), Pause(60), END)
    numbers = watch.numbers()
    twice = [number for number in set(numbers) if numbers.count(number) == 2]
    assert 8 <= len(twice) <= 12
    assert numbers == sorted(numbers)


async def test_frames_come_in_another_order():
    watch = Watch()
    steps = (Pause(60), SpoilFrames("shuffled", 300), Pause(60), END)
    await call(FakeServer(watch.behave), *steps)
    numbers = watch.numbers()
    assert numbers != sorted(numbers)
    assert sorted(numbers) == list(range(min(numbers), max(numbers) + 1)), "and none is lost"


# What they hold -------------------------------------------------------------


async def test_it_sends_every_hostile_message_between_its_frames():
    watch = Watch()
    report = await call(FakeServer(watch.behave), SendHostile(), END)
    assert report.ok, report.failures
    expected = hostile_messages(report.stream_sid)
    found = [text for text in watch.texts if text in expected.values()]
    assert found == list(expected.values())
    assert '"media","sequenceNumber"' in watch.texts[watch.texts.index(found[0]) + 1]
    assert report.deeds[0].answer == "went on"


def test_a_hostile_message_is_never_one_of_twilios():
    """None of them may end a call, or be counted as a frame of it."""
    for name, text in hostile_messages("MZ1").items():
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            continue
        ends = isinstance(document, dict) and document.get("event") == "stop"
        assert not ends or document.get("streamSid") != "MZ1", name


@pytest.mark.parametrize("size", [65_537, 2_097_152])
async def test_it_sends_a_frame_of_exactly_that_size(size):
    watch = Watch()
    await call(FakeServer(watch.behave), SendOversize(size), END)
    whole = next(text for text in watch.texts if len(text) > 1_000)
    assert len(whole.encode()) == size
    assert json.loads(whole)["media"]["payload"]


async def test_it_tells_with_which_code_a_server_refused_a_frame():
    async def strict(socket: Socket) -> None:
        async for message in socket.ws:
            if message.type is WSMsgType.BINARY:
                await socket.ws.close(code=1003)

    report = await call(FakeServer(strict), Pause(60), SendBinary(server="may end"), Pause(500))
    assert report.ok, report.failures
    assert report.deeds[0].answer == "closed the stream with 1003"
    strict_call = (Pause(60), SendBinary(), Pause(500))
    report = await call(FakeServer(strict), *strict_call)
    assert not report.ok, "a binary frame is no reason to end a call"


async def test_text_that_is_no_utf_8_breaks_the_protocol():
    steps = (SendBinary(as_text=True, server="may end"), Pause(500), END)
    report = await call(FakeServer(Watch().behave), *steps)
    assert report.ok, report.failures
    assert report.deeds[0].close_code == 1007


async def test_it_floods():
    watch = Watch()
    await call(FakeServer(watch.behave), Flood(0.2, frames_per_second=5_000), END)
    assert 700 <= len(watch.numbers()) <= 1_300


async def test_it_does_not_pile_up_a_flood_for_a_server_that_does_not_read():
    async def deaf(socket: Socket) -> None:
        await asyncio.sleep(0.6)
        await socket.ws.close()

    report = await call(FakeServer(deaf), Flood(0.4, frames_per_second=50_000), END)
    assert report.ended_ms < 5_000


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
