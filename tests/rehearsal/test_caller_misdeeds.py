"""Streams that break off, travel badly and hold what Twilio never sends, as the server sees it."""

import asyncio
import json

import pytest
from aiohttp import WSMsgType

from rehearsal.caller import (
    CloseWithoutStop,
    Flood,
    GoHalfOpen,
    HangUp,
    LoseTheLine,
    Pause,
    SendBinary,
    SendHostile,
    SendOversize,
    SpoilFrames,
    Stall,
    StopAndStay,
)
from rehearsal.caller.hostile_messages import hostile_messages
from tests.rehearsal.fake_server import FakeServer, Socket
from tests.rehearsal.watched_call import Watch, call

END = HangUp()


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
