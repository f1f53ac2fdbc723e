"""Twilio's REST stand-in, through Twilio's own client and as the simulated caller uses it."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from rehearsal.providers.server import RunningProviders
from tests.rehearsal.providers_rig import put, running, url_of

ACCOUNT_SID = "AC" + "0" * 32
CALL_SID = "CA" + "1" * 32
CALL = f"/rehearsal/calls/{CALL_SID}"


class ToStandIn(AsyncTwilioHttpClient):
    def __init__(self, port: int) -> None:
        super().__init__()
        self._netloc = f"127.0.0.1:{port}"

    async def request(self, method, url, *args, **kwargs):
        url = urlsplit(url)._replace(scheme="http", netloc=self._netloc).geturl()
        return await super().request(method, url, *args, **kwargs)


@asynccontextmanager
async def twilio(providers: RunningProviders, token: str = "secret") -> AsyncIterator[Client]:
    async with ToStandIn(providers.port) as http_client:
        yield Client(ACCOUNT_SID, token, http_client=http_client)


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


async def watch(providers: RunningProviders, **query: object) -> dict[str, object]:
    parameters = {name: str(value) for name, value in query.items()}
    async with (
        ClientSession() as http,
        http.get(url_of(providers, CALL), params=parameters) as response,
    ):
        assert response.status == 200
        return dict(await response.json())


async def test_it_ends_a_call_over_rest(providers: RunningProviders) -> None:
    await put(providers, CALL, {"status": "in-progress"})
    async with twilio(providers) as client:
        assert (await client.calls(CALL_SID).fetch_async()).status == "in-progress"
        assert (await client.calls(CALL_SID).update_async(status="completed")).status == "completed"
        assert (await client.calls(CALL_SID).fetch_async()).status == "completed"


async def test_a_watcher_hears_of_the_end_at_once(providers: RunningProviders) -> None:
    await put(providers, CALL, {"status": "in-progress"})
    watcher = asyncio.create_task(watch(providers, wait_seconds=20, known="in-progress"))
    async with twilio(providers) as client:
        await client.calls(CALL_SID).fetch_async()
        assert not watcher.done()
        ended_at = time.monotonic()
        await client.calls(CALL_SID).update_async(status="completed")
        seen = await watcher
    assert time.monotonic() - ended_at < 2.0
    assert seen["status"] == "completed"
    assert [update["status"] for update in seen["updates"]] == ["completed"]


async def test_a_watcher_sees_new_instructions(providers: RunningProviders) -> None:
    await put(providers, CALL, {"status": "in-progress"})
    watcher = asyncio.create_task(watch(providers, wait_seconds=20, known="in-progress"))
    async with twilio(providers) as client:
        await client.calls(CALL_SID).update_async(twiml="<Response><Hangup/></Response>")
    seen = await watcher
    assert (seen["status"], seen["twiml"]) == ("in-progress", "<Response><Hangup/></Response>")


async def test_a_watcher_that_knows_an_update_waits_for_the_next(
    providers: RunningProviders,
) -> None:
    await put(providers, CALL, {"status": "in-progress"})
    async with twilio(providers) as client:
        await client.calls(CALL_SID).update_async(twiml="<Response/>")
    started_at = time.monotonic()
    await watch(providers, wait_seconds=0.2, known="in-progress", updates_seen=1)
    assert time.monotonic() - started_at >= 0.2


async def test_a_watcher_gets_an_answer_when_nothing_happens(providers: RunningProviders) -> None:
    await put(providers, CALL, {"status": "in-progress"})
    seen = await watch(providers, wait_seconds=0.1, known="in-progress")
    assert seen == {"status": "in-progress", "twiml": None, "updates": []}


@pytest.mark.parametrize("ended", [False, True])
async def test_it_answers_20404_for_a_call_that_is_over_or_unknown(
    providers: RunningProviders, ended: bool
) -> None:
    if ended:
        await put(providers, CALL, {"status": "in-progress"})
        await put(providers, CALL, {"status": "completed"})
    async with twilio(providers) as client:
        with pytest.raises(TwilioRestException) as caught:
            await client.calls(CALL_SID).update_async(status="completed")
    assert (caught.value.status, caught.value.code) == (404, 20404)


@pytest.mark.parametrize("credentials", [None, ":", f"{ACCOUNT_SID}:", "\xff", ":secret"])
async def test_it_wants_credentials(providers: RunningProviders, credentials: str | None) -> None:
    encoded = base64.b64encode((credentials or "").encode("latin-1")).decode()
    headers = {} if credentials is None else {"Authorization": f"Basic {encoded}"}
    url = url_of(providers, f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{CALL_SID}.json")
    async with ClientSession() as http, http.get(url, headers=headers) as response:
        assert response.status == 401
        assert (await response.json())["code"] == 20003


async def test_it_lets_in_only_the_account_it_was_given() -> None:
    async with running(account_sid=ACCOUNT_SID, auth_token="right") as providers:
        await put(providers, CALL, {"status": "in-progress"})
        async with twilio(providers, "wrong") as client:
            with pytest.raises(TwilioRestException) as caught:
                await client.calls(CALL_SID).fetch_async()
        async with twilio(providers, "right") as client:
            await client.calls(CALL_SID).fetch_async()
    assert caught.value.status == 401


@pytest.mark.parametrize(("fault", "status"), [("refuse", 503), ("error", 500)])
async def test_it_fails_as_it_was_told_to(
    providers: RunningProviders, fault: str, status: int
) -> None:
    await put(providers, CALL, {"status": "in-progress"})
    await put(providers, "/rehearsal/faults", {"twilio": fault})
    async with twilio(providers) as client:
        with pytest.raises(TwilioRestException) as caught:
            await client.calls(CALL_SID).update_async(status="completed")
    assert caught.value.status == status


async def test_it_refuses_an_update_that_says_nothing(providers: RunningProviders) -> None:
    await put(providers, CALL, {"status": "in-progress"})
    async with twilio(providers) as client:
        with pytest.raises(TwilioRestException) as caught:
            await client.calls(CALL_SID).update_async(status="ringing")
    assert caught.value.status == 400


async def test_it_refuses_twiml_that_is_too_long(providers: RunningProviders) -> None:
    await put(providers, CALL, {"status": "in-progress"})
    async with twilio(providers) as client:
        with pytest.raises(TwilioRestException) as caught:
            await client.calls(CALL_SID).update_async(twiml="x" * 4_001)
        await client.calls(CALL_SID).update_async(twiml="x" * 4_000)
    assert caught.value.status == 400


async def test_it_logs_what_was_asked_without_the_token(providers: RunningProviders) -> None:
    await put(providers, CALL, {"status": "in-progress"})
    async with twilio(providers, "the-token") as client:
        await client.calls(CALL_SID).update_async(status="completed")
    (entry,) = providers.log.entries("twilio")
    assert (entry.method, entry.body) == ("POST", {"Status": "completed"})
    assert entry.path.endswith(f"/Calls/{CALL_SID}.json")
    assert "the-token" not in str(entry.document())
