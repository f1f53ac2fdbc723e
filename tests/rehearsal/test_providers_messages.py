"""Twilio's Messages stand-in, through Twilio's own client and as tests read it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from twilio.base.exceptions import TwilioRestException

from rehearsal.providers.server import RunningProviders
from tests.rehearsal.providers_rig import running, url_of
from tests.rehearsal.test_providers_twilio import twilio

SENDER, CALLER = "whatsapp:+14155238886", "whatsapp:+351911222333"
TEMPLATE = "HX" + "0" * 32


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


async def kept(providers: RunningProviders) -> list[dict[str, str]]:
    url = url_of(providers, "/rehearsal/messages")
    async with ClientSession() as http, http.get(url) as response:
        return list(await response.json())


async def test_it_keeps_what_was_sent(providers: RunningProviders) -> None:
    async with twilio(providers) as client:
        sent = await client.messages.create_async(to=CALLER, from_=SENDER, body="See you!")
    assert (sent.status, sent.to, sent.body) == ("queued", CALLER, "See you!")
    (message,) = await kept(providers)
    assert (message["sender"], message["to"], message["text"]) == (SENDER, CALLER, "See you!")
    assert message["sid"] == sent.sid


async def test_it_shows_in_the_wire_log(providers: RunningProviders) -> None:
    async with twilio(providers) as client:
        await client.messages.create_async(to=CALLER, from_=SENDER, body="See you!")
    (entry,) = providers.log.entries("twilio")
    assert entry.body == {"To": CALLER, "From": SENDER, "Body": "See you!"}
    assert entry.path.endswith("/Messages.json")


async def test_it_fills_in_a_template(providers: RunningProviders) -> None:
    async with twilio(providers) as client:
        await client.messages.create_async(
            to=CALLER, from_=SENDER, content_sid=TEMPLATE, content_variables='{"1": "See you!"}'
        )
    (message,) = await kept(providers)
    assert (message["text"], message["content_sid"]) == ("See you!", TEMPLATE)


@pytest.mark.parametrize(
    "message",
    [
        {"to": CALLER, "from_": SENDER},
        {"to": CALLER, "from_": SENDER, "body": "x" * 1_601},
        {"to": "Anna", "from_": SENDER, "body": "Hello"},
        {"to": CALLER, "from_": "+14155238886", "body": "Hello"},
        {"to": CALLER, "from_": SENDER, "content_sid": TEMPLATE},
        {
            "to": CALLER,
            "from_": SENDER,
            "content_sid": TEMPLATE,
            "content_variables": '{"1": "two\\nlines"}',
        },
    ],
)
async def test_it_refuses_what_twilio_would(
    providers: RunningProviders, message: dict[str, str]
) -> None:
    async with twilio(providers) as client:
        with pytest.raises(TwilioRestException) as caught:
            await client.messages.create_async(**message)
    assert caught.value.status == 400
    assert await kept(providers) == []


async def test_a_reset_forgets_them(providers: RunningProviders) -> None:
    async with twilio(providers) as client:
        await client.messages.create_async(to=CALLER, from_=SENDER, body="See you!")
    providers.reset()
    assert await kept(providers) == []
