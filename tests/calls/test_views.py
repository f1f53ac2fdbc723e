"""The webhooks, through the real ASGI application."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from channels.db import database_sync_to_async
from django.db.backends.utils import CursorWrapper

from calls import caller_context, views, warmup
from calls.call_log import call_log
from calls.happenings import CallRang, Milestone, StatusReported
from calls.models import Call
from calls.tickets import Tickets
from calls.warmup import Report
from catalog import warmup as catalog_warmup
from customers.records import CustomerRecord
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_twilio import INCOMING, FakeTwilio
from tests.calls.samples import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    CALL_SID,
    CALLER_NUMBER,
    CUSTOMER,
    OTHER_CALL_SID,
    agent,
    catalog,
)
from voiceagent.asgi import application


class KnownCustomers:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        self.asked.append(number)
        return CUSTOMER


@pytest.fixture(autouse=True)
def directory(monkeypatch: pytest.MonkeyPatch) -> KnownCustomers:
    directory = KnownCustomers()
    monkeypatch.setattr(caller_context, "get_directory", lambda: directory)
    return directory


@pytest.fixture(autouse=True)
def tickets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tickets]:
    """A warm process that is in service, with no call on its way."""
    tickets = Tickets()
    monkeypatch.setattr(views, "tickets", tickets)
    monkeypatch.setattr(warmup, "report", lambda: Report(True, ()))
    monkeypatch.setattr(catalog_warmup, "is_warm", lambda: True)
    monkeypatch.setattr(catalog_warmup, "current", catalog)
    return tickets


@pytest.fixture
async def twilio(settings) -> AsyncIterator[FakeTwilio]:
    settings.PUBLIC_BASE_URL = "https://voice.example.org"
    settings.TWILIO_WS_PATH = "/media-stream"
    settings.TWILIO_AUTH_TOKEN = AUTH_TOKEN
    settings.TWILIO_VALIDATE_SIGNATURES = True
    settings.MAX_CONCURRENT_CALLS = 2
    twilio = FakeTwilio(application)
    yield twilio
    await twilio.close()


def token_of(response: Any) -> str:
    parameter = ElementTree.fromstring(response.text).find("Connect/Stream/Parameter")
    assert parameter is not None
    return parameter.attrib["value"]


def verbs(response: Any) -> list[tuple[str, dict[str, str]]]:
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/xml")
    return [(verb.tag, verb.attrib) for verb in ElementTree.fromstring(response.text)]


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
    ticket = tickets.redeem(token_of(response), call_sid=CALL_SID, account_sid=ACCOUNT_SID)
    assert ticket is not None
    assert (ticket.caller_number, ticket.agent.name) == (CALLER_NUMBER, "Reception")


async def test_it_begins_to_look_for_the_customer_while_the_phone_rings(
    twilio: FakeTwilio, tickets: Tickets, directory: KnownCustomers, posted: PostedHappenings
) -> None:
    response = await twilio.post("/incoming-call", INCOMING)
    ticket = tickets.redeem(token_of(response), call_sid=CALL_SID, account_sid=ACCOUNT_SID)
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
    assert threads == {"call log"}
    monkeypatch.undo()
    call = await database_sync_to_async(Call.objects.get)()
    assert (call.call_sid, call.agent_name) == (CALL_SID, "Reception")


async def test_it_gives_a_retried_webhook_a_new_token_and_voids_the_old_one(
    twilio: FakeTwilio, tickets: Tickets, posted: PostedHappenings
) -> None:
    first = await twilio.post("/incoming-call", INCOMING)
    second = await twilio.post("/incoming-call", INCOMING)
    assert verbs(first) == verbs(second)
    assert len(tickets) == 1
    redeemed = {"call_sid": CALL_SID, "account_sid": ACCOUNT_SID}
    assert tickets.redeem(token_of(first), **redeemed) is None
    assert tickets.redeem(token_of(second), **redeemed) is not None


async def test_it_has_the_agent_of_the_dialled_number_answer(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    sales = agent(agent_id=2, name="Sales")
    monkeypatch.setattr(
        catalog_warmup, "current", lambda: catalog(numbers={"+351200000009": sales})
    )
    await twilio.post("/incoming-call", {**INCOMING, "To": "+351 200 000 009"})
    await twilio.post("/incoming-call", {**INCOMING, "CallSid": OTHER_CALL_SID})
    names = [rang.agent_name for rang in posted.of_type(CallRang)]  # type: ignore[union-attr]
    assert names == ["Sales", "Reception"]


async def test_it_turns_away_a_number_that_nobody_answers(
    twilio: FakeTwilio,
    tickets: Tickets,
    monkeypatch: pytest.MonkeyPatch,
    posted: PostedHappenings,
) -> None:
    monkeypatch.setattr(catalog_warmup, "current", lambda: catalog(default=None))
    response = await twilio.post("/incoming-call", INCOMING)
    assert verbs(response) == [("Reject", {"reason": "rejected"})]
    assert (len(tickets), posted.happenings) == (0, [])


async def test_it_is_busy_when_one_more_call_would_be_too_many(
    twilio: FakeTwilio, tickets: Tickets, settings, posted: PostedHappenings
) -> None:
    settings.MAX_CONCURRENT_CALLS = 1
    assert verbs(await twilio.post("/incoming-call", INCOMING))[0][0] == "Connect"
    response = await twilio.post("/incoming-call", {**INCOMING, "CallSid": OTHER_CALL_SID})
    assert verbs(response) == [("Reject", {"reason": "busy"})]
    assert len(tickets) == 1


async def test_it_is_not_busy_to_a_retry_of_the_call_that_fills_it(
    twilio: FakeTwilio, settings, posted: PostedHappenings
) -> None:
    settings.MAX_CONCURRENT_CALLS = 1
    await twilio.post("/incoming-call", INCOMING)
    assert verbs(await twilio.post("/incoming-call", INCOMING))[0][0] == "Connect"


async def test_it_is_not_ready_before_the_warm_up_is_done(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    monkeypatch.setattr(warmup, "report", lambda: Report(False, ()))
    response = await twilio.post("/incoming-call", INCOMING)
    assert (response.status_code, response.text) == (503, "Not ready yet.\n")


async def test_it_is_not_ready_without_a_catalog(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    def nothing() -> None:
        raise catalog_warmup.CatalogNotReady("The catalog is not loaded yet.")

    monkeypatch.setattr(catalog_warmup, "current", nothing)
    assert (await twilio.post("/incoming-call", INCOMING)).status_code == 503


async def test_it_passes_on_what_twilio_says_of_a_call(
    twilio: FakeTwilio, posted: PostedHappenings
) -> None:
    response = await twilio.post("/call-status", {**INCOMING, "CallStatus": "completed"})
    assert (response.status_code, response.content) == (204, b"")
    (reported,) = posted.happenings
    assert isinstance(reported, StatusReported)
    assert (reported.call_sid, reported.status) == (CALL_SID, "completed")


async def test_it_notes_how_the_stream_fares(twilio: FakeTwilio, posted: PostedHappenings) -> None:
    fields = {**INCOMING, "StreamEvent": "stream-error", "StreamError": "31920"}
    assert (await twilio.post("/stream-status", fields)).status_code == 204
    await twilio.post("/stream-status", {**INCOMING, "StreamEvent": "nonsense"})
    assert posted.happenings == [Milestone(CALL_SID, "stream-error", detail="31920")]


async def test_it_hangs_up_when_the_stream_has_ended(
    twilio: FakeTwilio, posted: PostedHappenings
) -> None:
    assert verbs(await twilio.post("/stream-ended", INCOMING)) == [("Hangup", {})]
