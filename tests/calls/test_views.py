"""The webhooks, through the real ASGI application."""

import asyncio
import threading
from typing import Any
from xml.etree import ElementTree

import pytest
from channels.db import database_sync_to_async
from django.db.backends.utils import CursorWrapper
from django.test import Client

from calls.call_log import call_log
from calls.happenings import CallRang, StatusReported, StreamReported
from calls.models import Call
from calls.tickets import Tickets
from tests.calls.conftest import KnownCustomers, PostedHappenings
from tests.calls.fake_twilio import INCOMING, FakeTwilio, token_of, verbs
from tests.calls.samples import ACCOUNT_SID, CALL_SID, CALLER_NUMBER, CUSTOMER


async def test_it_connects_an_incoming_call_to_the_stream(
    twilio: FakeTwilio, tickets: Tickets, posted: PostedHappenings
) -> None:
    response = await twilio.post("/incoming-call", INCOMING)
    assert verbs(response) == [
        ("Connect", {"action": "https://voice.example.org/stream-ended", "method": "POST"})
    ]
    stream = ElementTree.fromstring(response.text).find("Connect/Stream")
    assert stream is not None
    assert stream.attrib["url"] == "wss://voice.example.org/media-stream"
    assert stream.attrib["statusCallback"] == "https://voice.example.org/stream-status"
    ticket = await tickets.redeem(token_of(response), call_sid=CALL_SID, account_sid=ACCOUNT_SID)
    assert ticket is not None
    assert (ticket.caller_number, ticket.agent.name) == (CALLER_NUMBER, "Reception")


async def test_it_begins_to_look_for_the_customer_while_the_phone_rings(
    twilio: FakeTwilio, tickets: Tickets, directory: KnownCustomers, posted: PostedHappenings
) -> None:
    response = await twilio.post("/incoming-call", INCOMING)
    ticket = await tickets.redeem(token_of(response), call_sid=CALL_SID, account_sid=ACCOUNT_SID)
    assert ticket is not None
    assert await ticket.prefetch.customer() == CUSTOMER
    assert directory.asked == [CALLER_NUMBER]


@pytest.mark.parametrize("number", ["anonymous", "+266696687", "", "sip:someone@example.org"])
async def test_it_answers_callers_who_withhold_their_number(
    twilio: FakeTwilio, directory: KnownCustomers, posted: PostedHappenings, number: str
) -> None:
    response = await twilio.post("/incoming-call", {**INCOMING, "From": number})
    assert verbs(response)[0][0] == "Connect"
    (rang,) = posted.of_type(CallRang)
    assert rang.from_number == ""  # type: ignore[union-attr]
    assert directory.asked == []


async def test_it_has_the_call_written_behind_its_answer(
    twilio: FakeTwilio, posted: PostedHappenings
) -> None:
    await twilio.post("/incoming-call", INCOMING)
    (rang,) = posted.happenings
    assert isinstance(rang, CallRang)
    assert (rang.call_sid, rang.from_number) == (CALL_SID, CALLER_NUMBER)
    assert (rang.agent_name, rang.revision) == ("Reception", 42)
    assert 0.0 < rang.webhook_ms < 1_000.0


@pytest.mark.django_db(transaction=True)
async def test_it_leaves_every_query_to_the_call_log(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()
    execute = CursorWrapper.execute

    def noting_the_thread(self: CursorWrapper, sql: str, params: Any = None) -> Any:
        threads.add(threading.current_thread().name)
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", noting_the_thread)
    response = await twilio.post("/incoming-call", INCOMING)
    assert verbs(response)[0][0] == "Connect"
    assert await asyncio.to_thread(call_log.flush, 10.0)
    assert threads - {"catalog watch"} == {"call rows"}
    call = await database_sync_to_async(Call.objects.get)()
    assert (call.call_sid, call.agent_name) == (CALL_SID, "Reception")


async def test_it_passes_on_what_twilio_says_of_a_call(
    twilio: FakeTwilio, posted: PostedHappenings
) -> None:
    told = {**INCOMING, "CallStatus": "completed", "CallDuration": "42"}
    response = await twilio.post("/call-status", told)
    assert (response.status_code, response.content) == (204, b"")
    (reported,) = posted.happenings
    assert isinstance(reported, StatusReported)
    assert (reported.call_sid, reported.status, reported.seconds) == (CALL_SID, "completed", 42)


async def test_it_notes_how_the_stream_fares(twilio: FakeTwilio, posted: PostedHappenings) -> None:
    fields = {**INCOMING, "StreamEvent": "stream-error", "StreamError": "31920"}
    assert (await twilio.post("/stream-status", fields)).status_code == 204
    await twilio.post("/stream-status", {**INCOMING, "StreamEvent": "nonsense"})
    assert posted.happenings == [StreamReported(CALL_SID, "stream-error", "31920")]


async def test_it_hangs_up_when_the_call_is_over(
    twilio: FakeTwilio, posted: PostedHappenings
) -> None:
    over = {**INCOMING, "CallStatus": "completed"}
    assert verbs(await twilio.post("/stream-ended", over)) == [("Hangup", {})]


def test_it_answers_behind_another_handler_too(
    twilio: FakeTwilio, posted: PostedHappenings, settings
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    through_django = Client(enforce_csrf_checks=True)
    over = {**INCOMING, "CallStatus": "completed"}
    response = through_django.post(
        "/stream-ended",
        over,
        headers={"X-Twilio-Signature": twilio.signature("/stream-ended", over)},
    )
    assert verbs(response) == [("Hangup", {})]
