"""What can go wrong with Twilio's REST API and with Supabase."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientError, ClientSession, encode_basic_auth

from rehearsal.providers.server import RunningProviders
from tests.rehearsal.providers_rig import put, running, url_of

CALL = "/2010-04-01/Accounts/AC1/Calls/CA1.json"
ROWS = "/rest/v1/people?select=*"


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        await put(providers, "/rehearsal/calls/CA1", {"status": "in-progress"})
        await put(providers, "/rehearsal/tables/people", [{"id": 1}])
        yield providers


async def hang_up(providers: RunningProviders) -> tuple[int, object]:
    form = {"Status": "completed"}
    async with (
        ClientSession(headers={"Authorization": encode_basic_auth("AC1", "secret")}) as http,
        http.post(url_of(providers, CALL), data=form) as response,
    ):
        return response.status, await response.json()


async def read_rows(providers: RunningProviders) -> tuple[int, object]:
    async with (
        ClientSession(headers={"apikey": "offline"}) as http,
        http.get(url_of(providers, ROWS)) as response,
    ):
        return response.status, await response.json()


ASK = {"twilio": hang_up, "supabase": read_rows}


@pytest.mark.parametrize("provider", ASK)
@pytest.mark.parametrize(
    ("fault", "status"), [("limited", 429), ("error500", 500), ("refuse", 503)]
)
async def test_one_request_fails_and_the_next_does_not(
    providers: RunningProviders, provider: str, fault: str, status: int
) -> None:
    await put(providers, "/rehearsal/faults", {provider: {"fault": fault, "times": 1}})
    assert (await ASK[provider](providers))[0] == status
    assert (await ASK[provider](providers))[0] == 200


@pytest.mark.parametrize("provider", ASK)
async def test_it_answers_late(providers: RunningProviders, provider: str) -> None:
    await put(providers, "/rehearsal/faults", {provider: {"fault": "slow", "ms": 100}})
    began = time.monotonic()
    assert (await ASK[provider](providers))[0] == 200
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("provider", ASK)
async def test_it_never_answers(providers: RunningProviders, provider: str) -> None:
    await put(providers, "/rehearsal/faults", {provider: "silent"})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ASK[provider](providers), 0.1)
    async with asyncio.timeout(5):
        while providers.backstage.traffic.open:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("provider", ASK)
async def test_it_answers_what_makes_no_sense(providers: RunningProviders, provider: str) -> None:
    await put(providers, "/rehearsal/faults", {provider: "garbage"})
    with pytest.raises(ValueError):
        await ASK[provider](providers)


@pytest.mark.parametrize("provider", ASK)
async def test_its_answer_breaks_off_in_the_middle(
    providers: RunningProviders, provider: str
) -> None:
    await put(providers, "/rehearsal/faults", {provider: "drop"})
    with pytest.raises(ClientError):
        await ASK[provider](providers)


async def test_a_call_is_ended_although_the_answer_was_lost(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"twilio": {"fault": "drop", "times": 1}})
    with pytest.raises(ClientError):
        await hang_up(providers)
    assert providers.backstage.calls.get("CA1").status == "completed"
    assert (await hang_up(providers))[0] == 404, "and whoever tries again is told so"


async def test_faults_change_while_requests_are_in_progress(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"supabase": {"fault": "slow", "ms": 150}})
    late = asyncio.create_task(read_rows(providers))
    while not providers.backstage.traffic.open:
        await asyncio.sleep(0.005)
    await put(providers, "/rehearsal/faults", {"supabase": "refuse"})
    assert (await read_rows(providers))[0] == 503
    assert (await late)[0] == 200
