"""/rehearsal/...: what tests and simulated callers tell the stand-ins."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import ClientSession

from rehearsal.providers.faults import Fault, Provider, Trouble
from rehearsal.providers.latency import LATENCY_NAMES, Latency
from rehearsal.providers.server import RunningProviders
from rehearsal.providers.wire_log import MAX_ENTRIES, WireLog
from tests.rehearsal.providers_rig import put, running, url_of


@pytest.fixture
async def providers() -> AsyncIterator[RunningProviders]:
    async with running() as providers:
        yield providers


async def ask(
    providers: RunningProviders, method: str, path: str, body: object = None
) -> tuple[int, object]:
    async with (
        ClientSession() as http,
        http.request(method, url_of(providers, path), json=body) as response,
    ):
        return response.status, await response.json()


async def test_it_tells_what_it_serves(providers: RunningProviders) -> None:
    status, health = await ask(providers, "GET", "/rehearsal/health")
    assert status == 200
    assert (health["ready"], health["ears"], health["voice"]) == (True, "typed", "tone")
    assert health["model"] == "scripted-receptionist"
    assert "nothing here is an AI" in health["note"]


async def test_a_new_latency_replaces_the_old_one(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/latency", {"stt_final_ms": 100})
    await put(providers, "/rehearsal/latency", {"twilio_ms": 5})
    assert providers.backstage.latency == Latency(twilio_ms=5.0)


@pytest.mark.parametrize(
    "body", [[], {"speed": 1}, {"twilio_ms": "1"}, {"twilio_ms": True}, {"twilio_ms": -1}]
)
async def test_it_explains_what_is_wrong_with_a_latency(
    providers: RunningProviders, body: object
) -> None:
    status, answer = await ask(providers, "PUT", "/rehearsal/latency", body)
    assert status == 400
    assert answer["error"].endswith(".")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"fax": "refuse"},
        {"stt": "explode"},
        {"stt": {}},
        {"stt": {"times": 1}},
        {"stt": {"fault": "slow", "ms": "long"}},
        {"stt": {"fault": "slow", "ms": -1}},
        {"stt": {"fault": "drop", "after": True}},
        {"stt": {"fault": "refuse", "time": 1}},
        {"stt": {"most": None}},
    ],
)
async def test_it_explains_what_is_wrong_with_faults(
    providers: RunningProviders, body: object
) -> None:
    status, answer = await ask(providers, "PUT", "/rehearsal/faults", body)
    assert status == 400
    assert answer["error"].endswith(".")


async def test_no_faults_are_left_when_an_empty_object_comes(providers: RunningProviders) -> None:
    await put(providers, "/rehearsal/faults", {"stt": "refuse", "tts": None})
    assert providers.backstage.faults.of(Provider.STT) == Trouble(Fault.REFUSE)
    assert providers.backstage.faults.of(Provider.TTS) is None
    await put(providers, "/rehearsal/faults", {})
    assert providers.backstage.faults.of(Provider.STT) is None


async def test_the_log_is_read_and_cleared_over_http(providers: RunningProviders) -> None:
    headers = {"Authorization": "Bearer secret", "User-Agent": "a test", "Cookie": "secret"}
    async with ClientSession(headers=headers) as http:
        for path in ("/v1/models", "/rest/v1/nothing?id=eq.1&apikey=secret"):
            await http.get(url_of(providers, path))
    status, entries = await ask(providers, "GET", "/rehearsal/log")
    assert status == 200
    assert [entry["provider"] for entry in entries] == ["llm", "supabase"]
    assert entries[0]["at"] <= entries[1]["at"]
    assert entries[1]["query"] == {"id": "eq.1"}
    assert entries[0]["headers"]["user-agent"] == "a test"
    assert "secret" not in str(entries)
    _status, chosen = await ask(providers, "GET", "/rehearsal/log?provider=llm")
    assert len(chosen) == 1
    await ask(providers, "DELETE", "/rehearsal/log")
    assert (await ask(providers, "GET", "/rehearsal/log"))[1] == []


def test_the_log_is_bounded() -> None:
    log = WireLog()
    for number in range(MAX_ENTRIES + 5):
        log.add(Provider.LLM, "request", method="", path="", query={}, headers={}, body=number)
    bodies = [entry.body for entry in log.entries()]
    assert (len(bodies), bodies[0], bodies[-1]) == (MAX_ENTRIES, 5, MAX_ENTRIES + 4)


async def test_reset_goes_back_to_the_start() -> None:
    async with running(latency=Latency(twilio_ms=1.0)) as providers:
        await put(providers, "/rehearsal/latency", {"twilio_ms": 50})
        await put(providers, "/rehearsal/faults", {"llm": "refuse"})
        await put(providers, "/rehearsal/tables/people", [{"id": 1}])
        await put(providers, "/rehearsal/calls/CA1", {"status": "in-progress"})
        assert (await ask(providers, "POST", "/rehearsal/reset"))[0] == 200
        backstage = providers.backstage
        assert backstage.latency == Latency(twilio_ms=1.0)
        assert backstage.faults.of(Provider.LLM) is None
        assert backstage.tables.rows("people") is None
        assert backstage.log.entries() == []
        assert backstage.calls.get("CA1") is not None  # it may still be ending


async def test_closing_ends_every_connection_and_leaves_no_task() -> None:
    async with running(latency=Latency(tts_first_audio_ms=60_000)) as providers:
        await put(providers, "/rehearsal/calls/CA1", {"status": "in-progress"})
        stt = "/stt/websocket?model=m&encoding=pcm_s16le&sample_rate=8000"
        speak = {"context_id": "1", "transcript": "Hello.", "model_id": "m", "voice": {}}
        speak["output_format"] = {
            "container": "raw",
            "encoding": "pcm_s16le",
            "sample_rate": 8_000,
        }
        async with ClientSession(headers={"X-API-Key": "offline"}) as http:
            await http.ws_connect(url_of(providers, stt))
            speaking = await http.ws_connect(url_of(providers, "/tts/websocket"))
            await speaking.send_json(speak)
            polling = asyncio.create_task(
                http.get(url_of(providers, "/rehearsal/calls/CA1?wait_seconds=60"))
            )
            await until(lambda: len(providers.log.entries("tts", "message")) == 1)
            started_at = time.monotonic()
            await providers.close()
            assert time.monotonic() - started_at < 5.0
            await asyncio.wait([polling])
            polling.exception()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert left == set()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_table_is_a_list_of_objects(providers: RunningProviders) -> None:
    for body in ({}, [1], "rows"):
        assert (await ask(providers, "PUT", "/rehearsal/tables/customers", body))[0] == 400


async def test_a_call_has_a_status_that_twilio_knows(providers: RunningProviders) -> None:
    for body in ({}, [], {"status": "singing"}):
        assert (await ask(providers, "PUT", "/rehearsal/calls/CA1", body))[0] == 400
    assert (await ask(providers, "GET", "/rehearsal/calls/CA1"))[0] == 404


async def test_a_watcher_explains_what_is_wrong_with_its_numbers(
    providers: RunningProviders,
) -> None:
    await put(providers, "/rehearsal/calls/CA1", {"status": "in-progress"})
    assert (await ask(providers, "GET", "/rehearsal/calls/CA1?wait_seconds=long"))[0] == 400


def test_every_latency_is_in_milliseconds() -> None:
    assert all(name.endswith("_ms") for name in LATENCY_NAMES)


@pytest.mark.parametrize("body", [[], {}, {"gullible": "yes"}, {"gullible": None}])
async def test_it_explains_how_the_model_is_chosen(
    providers: RunningProviders, body: object
) -> None:
    status, answer = await ask(providers, "PUT", "/rehearsal/model", body)
    assert status == 400 and "gullible" in answer["error"]
    assert (await ask(providers, "GET", "/rehearsal/health"))[1]["gullible"] is False
