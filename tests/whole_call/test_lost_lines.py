"""What Twilio asks and is told of a line that broke, whoever is quicker."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession

from calls import resuming
from calls.drain import Drain
from calls.live import live_calls
from rehearsal.caller import (
    CallReport,
    CallScript,
    Conduct,
    HangUp,
    LoseTheLine,
    MessageWriter,
    Pause,
    SimulatedCaller,
    Speak,
    WaitForAgent,
    WaitForHangup,
    open_stream,
)
from rehearsal.caller.callbacks import STATUS_PATH
from rehearsal.caller.webhooks import ended_form, post_signed
from tests.whole_call.raw_stream import RawCall
from tests.whole_call.rig import GREETING_TEXT, Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETED = WaitForAgent("finished")


@asynccontextmanager
async def known_to_twilio(rig: Rig) -> AsyncIterator[RawCall]:
    """A call that goes on, says Twilio's REST API."""
    async with RawCall.begun(rig) as call:
        await at_twilio(rig, call, "in-progress")
        yield call


async def at_twilio(rig: Rig, call: RawCall, status: str) -> None:
    url = f"{rig.providers_url}/rehearsal/calls/{call.call_sid}"
    async with ClientSession() as http, http.put(url, json={"status": status}) as answer:
        assert answer.status < 400


async def asked(rig: Rig, call: RawCall, status: str = "in-progress") -> str:
    """What /stream-ended answers, as the names of its verbs."""
    url = rig.target.public_url("/stream-ended")
    async with ClientSession() as http:
        answer = await post_signed(http, rig.target, url, call.identity.form(status))
    return " ".join(verb.tag for verb in ElementTree.fromstring(answer.twiml()))


async def test_who_is_left_waiting_is_fetched_over_rest(rig: Rig) -> None:
    """Whether Twilio asks for itself, it does not say."""
    script = CallScript(
        "left waiting",
        (GREETED, LoseTheLine(), GREETED, Speak("ask-hours"), GREETED, HangUp()),
        limit_seconds=40.0,
        conduct=Conduct(asks_after_a_loss=False),
    )
    report = await SimulatedCaller(rig.target).call(script)
    assert report.ok, report.failures
    first, second = report.streams
    assert 1_500 < second.began_ms - first.ended_ms < 5_000
    assert [list(told) for told in rig.told_twilio(report.call_sid)] == [["Twiml"]]
    assert rig.record(report.call_sid)["ended_by"] == "caller"


async def test_the_record_is_closed_when_nobody_comes_back(rig: Rig) -> None:
    async with known_to_twilio(rig) as call:
        await call.listen(0.5)
        await call.socket.reset()
    lost_at = time.monotonic()
    rig.wait_until(lambda: no_pipeline_runs(rig), 3.0)
    assert call.call_sid in live_calls, "it waits, and its seat is taken"
    record = rig.record(call.call_sid)
    assert 8.0 < time.monotonic() - lost_at < 20.0
    assert (record["status"], record["ended_by"]) == ("failed", "error")
    told = [told["Twiml"] for told in rig.told_twilio(call.call_sid)]
    assert ["<Connect" in document for document in told] == [True, False]
    assert "<Play>" in told[1], "whoever still waits hears an apology"
    assert await asked(rig, call) == "Play Hangup", "and whoever asks late"


def no_pipeline_runs(rig: Rig) -> bool:
    return not rig.providers.backstage.traffic.open


async def test_twilio_says_that_the_caller_has_gone(rig: Rig) -> None:
    async with known_to_twilio(rig) as call:
        await call.listen(0.5)
        await call.socket.reset()
    lost_at = time.monotonic()
    rig.wait_until(lambda: no_pipeline_runs(rig), 3.0)
    async with ClientSession() as http:
        url = rig.target.public_url(STATUS_PATH)
        await post_signed(http, rig.target, url, ended_form(call.identity, 2.0))
    assert rig.record(call.call_sid)["ended_by"] == "caller"
    assert time.monotonic() - lost_at < 6.0
    assert not rig.told_twilio(call.call_sid), "nobody calls back who has hung up"


@pytest.mark.parametrize(("status", "ended_by"), [("completed", "caller"), ("failed", "error")])
async def test_it_may_say_so_just_before_the_line_breaks(
    rig: Rig, status: str, ended_by: str
) -> None:
    rig.break_down(twilio="refuse")
    async with RawCall.begun(rig) as call:
        await call.listen(0.5)
        async with ClientSession() as http:
            url = rig.target.public_url(STATUS_PATH)
            form = {**ended_form(call.identity, 1.0), "CallStatus": status}
            await post_signed(http, rig.target, url, form)
        assert await call.listen(0.3), "it ends no stream"
        await call.socket.reset()
    lost_at = time.monotonic()
    assert rig.record(call.call_sid)["ended_by"] == ended_by
    assert time.monotonic() - lost_at < 6.0, "its seat is free"


async def test_a_call_that_twilio_says_is_over_is_not_waited_for(rig: Rig) -> None:
    async with known_to_twilio(rig) as call:
        await call.listen(0.5)
        await at_twilio(rig, call, "completed")
        await call.socket.reset()
    lost_at = time.monotonic()
    assert rig.record(call.call_sid)["ended_by"] == "caller"
    assert time.monotonic() - lost_at < 4.0


async def test_it_answers_the_same_however_often_twilio_asks(rig: Rig) -> None:
    async with known_to_twilio(rig) as call:
        await call.silence(0.3)
        assert [await asked(rig, call) for _ in range(4)] == ["Connect"] * 4
        assert await asked(rig, call, "completed") == "Hangup"
        await call.silence(0.3)
        assert await call.listen(0.3), "asking alone ends no stream"
        await call.socket.send_text(call.writer.stop())
        assert not await call.listen(5.0)
        rig.wait_until(lambda: call.call_sid not in live_calls)
        assert [await asked(rig, call) for _ in range(2)] == ["Hangup"] * 2
    assert rig.record(call.call_sid)["ended_by"] == "caller"


async def test_who_was_told_when_they_asked_is_not_told_again(rig: Rig) -> None:
    """A second loss: the same over REST would begin the apology anew, or break the dialling."""
    rig.edit_agent(transfer_number="+351200000009")
    async with known_to_twilio(rig) as call:
        await call.silence(0.6)
        await call.socket.reset()
    again = await connected_anew(rig, call)
    async with again.socket:
        await again.silence(11.0)  # Until the first question is no news any more.
        await again.socket.reset()
    await asyncio.sleep(1.0)
    assert await asked(rig, call) == "Play Dial"
    record = rig.record(call.call_sid)
    assert (record["status"], record["ended_by"]) == ("failed", "error")
    assert not rig.told_twilio(call.call_sid)


async def connected_anew(rig: Rig, call: RawCall) -> RawCall:
    url = rig.target.public_url("/stream-ended")
    async with ClientSession() as http:
        answer = await post_signed(http, rig.target, url, call.identity.form("in-progress"))
    parameter = ElementTree.fromstring(answer.twiml()).find(".//Parameter")
    assert parameter is not None
    socket = await open_stream(rig.target, call.verb.url)
    writer = MessageWriter(call.identity, f"MZ{token_hex(16)}")
    again = RawCall(call.identity, call.verb, socket, writer)
    await again.start({"token": parameter.attrib["value"]})
    return again


async def test_a_line_that_breaks_as_the_server_stops_ends_in_an_apology_at_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other server could take the caller, and this one lets nobody in any more."""
    drain = Drain()
    monkeypatch.setattr(resuming, "drain", drain)
    async with known_to_twilio(rig) as call:
        await call.silence(0.6)
        await call.socket.reset()
    rig.wait_until(lambda: no_pipeline_runs(rig), 3.0)
    drain.end()
    assert await asked(rig, call) == "Play Hangup"
    assert rig.record(call.call_sid)["ended_by"] == "error"


async def test_who_is_not_twilio_learns_nothing(rig: Rig) -> None:
    async with known_to_twilio(rig) as call:
        async with ClientSession() as http:
            url = rig.target.public_url("/stream-ended")
            async with http.post(url, data=call.identity.form("in-progress")) as answer:
                assert answer.status == 403
                assert "Stream" not in await answer.text()
        await call.socket.send_text(call.writer.stop())
        await call.listen(2.0)


@pytest.mark.parametrize("offset_ms", [-50, 0, 50])
async def test_both_sides_hang_up_at_once(rig: Rig, offset_ms: int) -> None:
    """The caller puts down when the agent's goodbye has just been heard, and the agent as well."""
    probe = await rig.call(GREETED, Speak("goodbye"), WaitForHangup())
    said = probe.said[0].end_ms
    report: CallReport = await rig.call(
        GREETED, Speak("goodbye"), Pause(round(probe.ended_ms - said + offset_ms)), HangUp()
    )
    record = rig.record(report.call_sid)
    assert record["status"] == "completed"
    assert record["ended_by"] in {"agent", "caller"}
    hang_ups = [told for told in rig.told_twilio(report.call_sid) if "Status" in told]
    assert len(hang_ups) <= 1


@pytest.mark.parametrize("offset_ms", [-50, 0, 50])
async def test_the_line_breaks_while_the_agent_hangs_up(rig: Rig, offset_ms: int) -> None:
    probe = await rig.call(GREETED, Speak("goodbye"), WaitForHangup())
    said = probe.said[0].end_ms
    report = await rig.call(
        GREETED,
        Speak("goodbye"),
        Pause(round(probe.ended_ms - said + offset_ms)),
        LoseTheLine(),
        Pause(1_000),
        HangUp(),
    )
    record = rig.record(report.call_sid)
    assert record["ended_by"] in {"agent", "caller"}
    assert [line["text"] for line in record["transcript"]].count(GREETING_TEXT) == 1
    hang_ups = [told for told in rig.told_twilio(report.call_sid) if "Status" in told]
    assert len(hang_ups) <= 1


async def test_who_hangs_up_as_soon_as_they_are_back_has_ended_the_call(rig: Rig) -> None:
    report = await rig.call(GREETED, LoseTheLine(), HangUp())
    assert [stream.ended_by for stream in report.streams] == ["line", "caller"]
    record = rig.record(report.call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "caller")
    assert not rig.told_twilio(report.call_sid)
