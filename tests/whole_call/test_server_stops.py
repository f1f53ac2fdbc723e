"""What callers hear of a server that stops, in their language; and who is let be."""

import asyncio
from typing import Any

import pytest

from calls import call_limits, consumers
from calls.drain import Drain
from catalog.spoken_fallbacks import Moment, fallback
from rehearsal.caller import (
    CallReport,
    HandshakeRefused,
    Hear,
    Speak,
    WaitForAgent,
    WaitForHangup,
    open_stream,
)
from tests.whole_call.rig import Rig
from tests.whole_call.test_out_of_hours import keep_hours

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drain(monkeypatch: pytest.MonkeyPatch) -> Drain:
    drain = Drain()
    monkeypatch.setattr(call_limits, "drain", drain)
    monkeypatch.setattr(consumers, "drain", drain)
    return drain


async def call_while(rig: Rig, drain: Drain, *steps: Any, says: str) -> CallReport:
    """The time of this server is over as soon as the agent says something with this in it."""

    async def end() -> None:
        while not any(says in text for text in rig.spoken_texts()):
            await asyncio.sleep(0.05)
        drain.end()

    ending = asyncio.create_task(end())
    try:
        return await rig.call(*steps)
    finally:
        ending.cancel()


async def test_a_caller_in_the_middle_of_a_reply_hears_a_goodbye_in_the_agents_language(
    rig: Rig, drain: Drain
) -> None:
    rig.edit_agent(language="pt-PT")
    steps = (WaitForAgent("finished"), Speak("ask-hours"), WaitForHangup())
    report = await call_while(rig, drain, *steps, says="9")
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "drain"
    assert record["transcript"][-1]["text"] == fallback(Moment.GOODBYE, "pt").text
    assert record["transcript"][-1]["interrupted"] is False
    assert report.unheard_ms < 40.0
    assert rig.told_twilio() == [{"Status": "completed"}]
    assert "server stops" in rig.events(report.call_sid)


async def test_a_caller_who_is_being_said_goodbye_to_hears_that_to_its_end(
    rig: Rig, drain: Drain
) -> None:
    steps = (WaitForAgent("finished"), Speak("goodbye"), WaitForHangup())
    report = await call_while(rig, drain, *steps, says="oodbye")
    assert report.ok, report.failures
    assert rig.record(report.call_sid)["ended_by"] == "agent"


async def test_a_caller_who_speaks_meanwhile_hears_the_goodbye_to_its_end(
    rig: Rig, drain: Drain
) -> None:
    async def end() -> None:
        await asyncio.sleep(3.5)
        drain.end()

    async with asyncio.TaskGroup() as group:
        group.create_task(end())
        report = await rig.call(
            WaitForAgent("finished"), Hear(1.0), Speak("ask-hours"), WaitForHangup()
        )
    said = [it for it in rig.record(report.call_sid)["transcript"] if it["speaker"] == "agent"]
    assert said[-1]["text"] == fallback(Moment.GOODBYE, "en").text
    assert said[-1]["interrupted"] is False
    assert report.unheard_ms < 40.0


async def test_a_caller_in_the_greeting_hears_it_cut_and_a_goodbye(rig: Rig, drain: Drain) -> None:
    async def end() -> None:
        await asyncio.sleep(1.0)
        drain.end()

    async with asyncio.TaskGroup() as group:
        group.create_task(end())
        report = await rig.call(Hear(0.2), WaitForHangup())
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "drain"
    assert [line["interrupted"] for line in record["transcript"]] == [True, False]
    assert record["transcript"][-1]["text"] == fallback(Moment.GOODBYE, "en").text


async def test_a_caller_who_is_told_that_we_are_closed_hears_a_goodbye_too(
    rig: Rig, drain: Drain
) -> None:
    keep_hours(rig, open_now=False, out_of_hours="hang_up")

    async def end() -> None:
        await asyncio.sleep(1.0)
        drain.end()

    async with asyncio.TaskGroup() as group:
        group.create_task(end())
        report = await rig.call(WaitForHangup())
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "drain"
    assert [line["interrupted"] for line in record["transcript"]] == [True, False]
    assert record["transcript"][-1]["text"] == fallback(Moment.GOODBYE, "en").text
    assert report.unheard_ms < 40.0


async def test_a_socket_is_refused_so_that_a_proxy_asks_another_server(
    rig: Rig, drain: Drain
) -> None:
    drain.begin(900.0)
    url = rig.target.public_url("/media-stream").replace("http", "ws", 1)
    with pytest.raises(HandshakeRefused) as refused:
        await open_stream(rig.target, url)
    assert refused.value.status == 503
