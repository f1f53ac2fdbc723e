"""Speech recognition and the voice are connected while the phone still rings."""

import asyncio
from secrets import token_hex

import pytest
from aiohttp import ClientSession
from pytest_django.fixtures import Settings

from calls.circuit import circuits
from calls.pipeline import warm_sockets
from calls.tickets import tickets
from rehearsal.caller import MessageWriter, open_stream
from rehearsal.caller.incoming_call import place_call
from tests.whole_call.raw_stream import RawCall, ring
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

HANDSHAKE_MS = 800
RINGS_SECONDS = 1.5  # from the webhook to the stream: longer than the handshakes


def slow_handshakes(rig: Rig) -> None:
    rig.slow_down(stt_connect_ms=HANDSHAKE_MS, tts_connect_ms=HANDSHAKE_MS)


async def ready_ms(rig: Rig, *, after_seconds: float) -> float:
    """Of a call whose stream starts so long after its webhook, from its `start`."""
    async with RawCall.opened(rig) as call:
        await asyncio.sleep(after_seconds)
        await call.start()
        await call.listen(HANDSHAKE_MS / 1_000 * 2)
        call_sid = call.call_sid
    found = rig.record(call_sid)["timings"]["agent_ready_ms"]
    assert found is not None
    return float(found)


async def abort(call_sid: str) -> None:
    """What is warm for this call is cut off, as by the vendor."""
    ticket = tickets.of_call(call_sid)
    assert ticket is not None and ticket.warm_sockets is not None
    for opening in ticket.warm_sockets._opening.values():
        (await opening).transport.abort()


async def test_the_agent_is_ready_at_once_when_vendors_are_far_away(rig: Rig) -> None:
    slow_handshakes(rig)
    assert await ready_ms(rig, after_seconds=RINGS_SECONDS) < HANDSHAKE_MS / 2


async def test_a_stream_that_comes_during_the_handshake_waits_for_the_rest_of_it(rig: Rig) -> None:
    slow_handshakes(rig)
    took = await ready_ms(rig, after_seconds=HANDSHAKE_MS / 2_000)
    assert took < HANDSHAKE_MS * 0.9
    assert rig.providers.backstage.traffic.of("stt").came == 1, "and opens no second socket"


async def test_it_can_be_turned_off(rig: Rig, settings: Settings) -> None:
    settings.ANSWER_WHEN_WARM = False
    slow_handshakes(rig)
    assert await ready_ms(rig, after_seconds=RINGS_SECONDS) >= HANDSHAKE_MS


async def test_a_call_that_never_comes_leaves_no_socket_open(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_sockets, "KEPT_SECONDS", 0.5)
    await ring(rig)
    traffic = rig.providers.backstage.traffic
    rig.wait_until(lambda: set(traffic.open) >= {"stt", "tts"})
    rig.wait_until(lambda: not set(traffic.open) & {"stt", "tts"})


async def test_a_call_that_comes_late_connects_anew(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_sockets, "KEPT_SECONDS", 0.2)
    assert await ready_ms(rig, after_seconds=0.7) < 5_000
    assert rig.providers.backstage.traffic.of("stt").came == 2


async def test_a_socket_that_was_closed_meanwhile_is_no_fault(rig: Rig) -> None:
    async with RawCall.opened(rig) as call:
        traffic = rig.providers.backstage.traffic
        rig.wait_until(lambda: set(traffic.open) >= {"stt", "tts"})
        rig.server_thread.run(abort(call.call_sid))
        rig.wait_until(lambda: not set(traffic.open) & {"stt", "tts"})
        await call.start()
        await call.listen(1.0)
        call_sid = call.call_sid
    assert rig.record(call_sid)["timings"]["agent_ready_ms"] is not None
    assert not any("stumbled" in event for event in rig.events(call_sid))


async def test_a_vendor_that_refuses_is_asked_again_as_ever(rig: Rig) -> None:
    rig.break_down(stt="refuse")
    async with RawCall.begun(rig) as call:
        await call.listen(0.3)
        rig.break_down()
        await call.listen(1.5)
        call_sid = call.call_sid
    assert rig.record(call_sid)["timings"]["agent_ready_ms"] is not None
    assert not circuits.of("stt").is_open


async def test_a_vendor_that_is_known_to_be_dead_is_not_tried_while_the_phone_rings(
    rig: Rig,
) -> None:
    for _ in range(3):
        circuits.of("stt").failed()
    await ring(rig)
    await asyncio.sleep(0.5)
    assert rig.providers.backstage.traffic.of("stt").came == 0


@pytest.mark.parametrize("followed", ["the first answer", "its repetition"])
async def test_a_repeated_webhook_opens_no_further_sockets_whichever_answer_is_followed(
    rig: Rig, followed: str
) -> None:
    identity, first = await ring(rig)
    async with ClientSession() as http:
        again = (await place_call(http, rig.target, identity)).stream()
    verb = first if followed == "the first answer" else again
    async with await open_stream(rig.target, verb.url) as socket:
        call = RawCall(identity, verb, socket, MessageWriter(identity, f"MZ{token_hex(16)}"))
        await call.start()
        await call.listen(1.0)
    traffic = rig.providers.backstage.traffic
    assert (traffic.of("stt").came, traffic.of("tts").came) == (1, 1)
    assert rig.record(identity.call_sid)["timings"]["agent_ready_ms"] is not None


async def test_a_webhook_that_is_repeated_late_opens_them_anew(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio gives a webhook up after 15 s; by then what was warm is closed."""
    monkeypatch.setattr(warm_sockets, "KEPT_SECONDS", 0.3)
    identity, _verb = await ring(rig)
    traffic = rig.providers.backstage.traffic
    rig.wait_until(lambda: set(traffic.open) >= {"stt", "tts"})
    rig.wait_until(lambda: not set(traffic.open) & {"stt", "tts"})
    async with ClientSession() as http:
        await place_call(http, rig.target, identity)
    rig.wait_until(lambda: traffic.of("stt").came == 2)
