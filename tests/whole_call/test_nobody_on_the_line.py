"""What Twilio is told of a caller whom nobody has on the line: a hang-up only after a goodbye."""

from secrets import token_hex
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession
from pytest_django.fixtures import Settings

from calls.call_log import call_log
from calls.tickets import tickets
from rehearsal.caller import (
    CallIdentity,
    CallScript,
    Conduct,
    HangUp,
    MessageWriter,
    SimulatedCaller,
    WaitForAgent,
    open_stream,
)
from rehearsal.caller.webhooks import ended_form, post_signed, status_form
from tests.whole_call.raw_stream import RawCall, ring
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

PERSON = "+351200000009"


async def twilio_asks(rig: Rig, identity: CallIdentity, status: str = "in-progress") -> str:
    async with ClientSession() as http:
        url = rig.target.public_url("/stream-ended")
        return (await post_signed(http, rig.target, url, identity.form(status))).twiml()


async def twilio_says(rig: Rig, form: dict[str, str]) -> None:
    async with ClientSession() as http:
        await post_signed(http, rig.target, rig.target.public_url("/call-status"), form)


def verbs(document: str) -> list[str]:
    return [verb.tag for verb in ElementTree.fromstring(document)]


def token_in(document: str) -> str:
    parameter = ElementTree.fromstring(document).find(".//Parameter")
    assert parameter is not None
    return parameter.attrib["value"]


def ended(rig: Rig, identity: CallIdentity) -> tuple[str, str]:
    call_log.flush(5)
    record = rig.record(identity.call_sid)
    return record["status"], record["ended_by"]


async def test_a_stream_that_never_started_is_connected_once_more_and_greeted(rig: Rig) -> None:
    identity, verb = await ring(rig)
    document = await twilio_asks(rig, identity)
    assert verbs(document) == ["Connect"]
    async with await open_stream(rig.target, verb.url) as socket:
        call = RawCall(identity, verb, socket, MessageWriter(identity, f"MZ{token_hex(16)}"))
        await call.start({"token": token_in(document)})
        await call.listen(0.5)
        assert call.sent_by_server("media"), "the greeting"
        await socket.send_text(call.writer.stop())
    await twilio_says(rig, ended_form(identity, 1.0))
    assert ended(rig, identity) == ("completed", "caller")


async def test_one_that_does_not_start_again_ends_in_an_apology_and_a_person(rig: Rig) -> None:
    rig.edit_agent(transfer_number=PERSON)
    identity, _verb = await ring(rig)
    first, repeated = await twilio_asks(rig, identity), await twilio_asks(rig, identity)
    assert verbs(first) == verbs(repeated) == ["Connect"], "Twilio may ask twice"
    document = await twilio_asks(rig, identity)
    assert verbs(document) == ["Play", "Dial"] and PERSON in document
    await twilio_says(rig, ended_form(identity, 1.0))
    assert ended(rig, identity) == ("failed", "error")
    rig.forget_tickets()


async def test_a_caller_whose_only_server_was_lost_hears_an_apology(rig: Rig) -> None:
    """Of what it carried, a server that was started anew knows nothing."""
    identity = CallIdentity("+12025550100", "+12025550199", rig.target.account_sid)
    assert verbs(await twilio_asks(rig, identity)) == ["Play", "Hangup"]
    assert ended(rig, identity) == ("failed", "error")


async def test_who_has_said_goodbye_is_hung_up(rig: Rig) -> None:
    async with RawCall.begun(rig) as call:
        await call.listen(0.3)
        await call.socket.send_text(call.writer.stop())
        await call.listen(2.0)
    assert ended(rig, call.identity) == ("completed", "caller")
    assert verbs(await twilio_asks(rig, call.identity)) == ["Hangup"]
    assert verbs(await twilio_asks(rig, call.identity, status="completed")) == ["Hangup"]


async def test_a_caller_with_a_token_that_is_not_theirs_hears_an_apology(rig: Rig) -> None:
    """As one whose token got lost with the store would."""
    conduct = Conduct(token="made up")
    steps = (WaitForAgent("finished"), HangUp())
    script = CallScript("x", steps, limit_seconds=20.0, conduct=conduct)
    report = await SimulatedCaller(rig.target).call(script)
    assert set(report.followed[:-2]) == {"Connect Stream"}
    assert [it.split()[0] for it in report.followed[-2:]] == ["Play", "Hangup"]
    rig.forget_tickets()


async def test_who_hangs_up_while_it_rings_keeps_nobody_out(rig: Rig, settings: Settings) -> None:
    settings.MAX_CONCURRENT_CALLS = 1
    identity, _verb = await ring(rig)
    await twilio_says(rig, status_form(identity, "canceled", 0.0))
    assert len(tickets) == 0
    other, _verb = await ring(rig, from_number="+12025550101")  # It is a stream that is answered.
    assert tickets.of_call(other.call_sid) is not None
    rig.forget_tickets()
