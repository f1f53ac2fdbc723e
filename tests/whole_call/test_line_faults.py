"""Lines that stall, fall silent, stop without an end, or come anew."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

import pytest
from aiohttp import ClientSession
from pytest_django.fixtures import Settings

from calls import consumers
from rehearsal.caller import HandshakeRefused, MessageWriter, open_stream
from rehearsal.caller.incoming_call import place_call
from rehearsal.caller.stream_messages import SILENCE_PAYLOAD
from rehearsal.caller.webhooks import signature
from tests.whole_call.raw_stream import RawCall, hang_ups
from tests.whole_call.rig import GREETING_TEXT, Rig

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_outlives_a_stall_and_the_burst_that_follows(rig: Rig) -> None:
    async with RawCall.begun(rig) as call:
        await call.silence(0.3)
        assert await call.listen(4.5), "nothing comes, and the call is let be"
        for _ in range(225):
            assert await call.socket.send_text(call.writer.media(SILENCE_PAYLOAD))
        await call.speak("ask-hours", after_ms=0)
        assert await call.listen(1.5)
    assert any("hours" in text for _role, text in rig.conversations()[0])


async def test_it_ends_a_call_of_which_nothing_comes_any_more(rig: Rig) -> None:
    async with RawCall.begun(rig) as call:
        await call.silence(0.5)
        fell_silent = time.monotonic()
        assert not await call.listen(8.0)
        assert 4.5 <= time.monotonic() - fell_silent <= 6.5
    record = rig.record(call.call_sid)
    assert (record["status"], record["ended_by"]) == ("failed", "error")
    events = rig.events(call.call_sid)
    assert events.index("nothing from Twilio") < events.index("line lost")
    assert hang_ups(rig) == 1, "Twilio may still hold the caller"


@asynccontextmanager
async def opened_anew(rig: Rig, call: RawCall) -> AsyncIterator[RawCall]:
    """The webhook comes a second time, and with its token another stream of the same call."""
    async with ClientSession() as http:
        verb = (await place_call(http, rig.target, call.identity)).stream()
    assert (verb.url, verb.action_url) == (call.verb.url, call.verb.action_url)
    writer = MessageWriter(call.identity, f"MZ{token_hex(16)}")
    async with await open_stream(rig.target, verb.url) as socket:
        anew = RawCall(call.identity, verb, socket, writer)
        await anew.start()
        yield anew


async def test_a_stream_that_comes_anew_in_the_greeting_cuts_it_off(rig: Rig) -> None:
    async with RawCall.begun(rig) as old:
        await old.silence(0.6)
        async with opened_anew(rig, old) as anew:
            assert not await old.listen(3.0)
            await anew.speak("ask-hours", after_ms=300)
            assert await anew.listen(2.0)
            assert anew.sent_by_server("media"), "the caller is answered"
            await anew.socket.send_text(anew.writer.stop())
    record = rig.record(old.call_sid)
    greeting = record["transcript"][0]
    assert greeting["interrupted"] and GREETING_TEXT.startswith(greeting["text"])


async def test_a_token_of_another_call_takes_over_nothing(rig: Rig) -> None:
    async with RawCall.begun(rig) as victim, RawCall.opened(rig) as attacker:
        await victim.silence(0.3)
        writer = MessageWriter(victim.identity, f"MZ{token_hex(16)}")
        await attacker.socket.send_text(writer.start(dict(attacker.verb.parameters)))
        assert not await attacker.listen(3.0)
        assert attacker.socket.close_code == 4008
        await victim.silence(0.3)
        assert await victim.listen(0.3)


async def test_it_keeps_few_sockets_open_that_do_not_start(rig: Rig, settings: Settings) -> None:
    settings.MAX_PENDING_STREAMS = 2
    async with RawCall.opened(rig) as oldest, RawCall.opened(rig), RawCall.begun(rig) as call:
        assert await call.listen(0.5), "a real call is let in"
        assert call.sent_by_server("media")
        assert not await oldest.listen(2.0)
        assert oldest.socket.close_code == 4008
        async with await open_stream(rig.target, oldest.verb.url):
            pass  # The call has started: it needs no place any more.


async def test_while_no_call_is_awaited_a_socket_too_many_is_sent_elsewhere(
    rig: Rig, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAX_PENDING_STREAMS = 2
    async with RawCall.opened(rig) as oldest, RawCall.opened(rig):
        monkeypatch.setattr(consumers.tickets, "expects", lambda: False)
        with pytest.raises(HandshakeRefused) as refused:
            await open_stream(rig.target, oldest.verb.url)
        assert refused.value.status == 503
        assert await oldest.listen(0.3), "it has its time"


async def test_made_up_tokens_that_are_looked_for_keep_no_caller_out(
    rig: Rig, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Redis another process is waited for, which may have minted them a moment ago."""
    redeem = consumers.tickets.redeem

    async def slow(token: str, **of: str) -> object:
        if token == "made-up":
            await asyncio.sleep(4.0)
        return await redeem(token, **of)

    monkeypatch.setattr(consumers, "is_shared", lambda: True)
    monkeypatch.setattr(consumers.tickets, "redeem", slow)
    settings.MAX_PENDING_STREAMS = 2
    async with RawCall.opened(rig) as oldest, RawCall.opened(rig) as other:
        for stranger in (oldest, other):
            await stranger.start({"token": "made-up"})
        assert await oldest.listen(0.3)
        async with RawCall.begun(rig) as call:
            assert await call.listen(0.5), "a real call is let in"
            assert call.sent_by_server("media")
        assert not await oldest.listen(2.0)
        assert oldest.socket.close_code == 4008


HANDSHAKES = {
    "no origin": {},
    "an origin": {"Origin": "https://attacker.example.org"},
    "a null origin": {"Origin": "null"},
    "another host": {"Host": "attacker.example.org"},
    "a senseless host": {"Host": "--_..:99999"},
    "forwarded": {"X-Forwarded-Host": "a, b", "X-Forwarded-Proto": "gopher", "Forwarded": ";;="},
}


@pytest.mark.parametrize("headers", HANDSHAKES.values(), ids=HANDSHAKES)
@pytest.mark.parametrize("query", ["", "?a=b&a=%ff&=&token=guessed"])
async def test_it_takes_a_signed_upgrade_whatever_else_stands_in_it(
    rig: Rig, headers: dict[str, str], query: str
) -> None:
    url = rig.target.base_url.replace("http", "ws", 1) + "/media-stream"
    signed = {"X-Twilio-Signature": signature(rig.target, url, {})}
    async with (
        ClientSession() as http,
        http.ws_connect(url + query, headers={**signed, **headers}) as socket,
    ):
        assert not socket.closed


@pytest.mark.parametrize("path", ["/", "/media-stream/", "/media-streams", "/admin", "//", "/%ff"])
async def test_it_refuses_an_upgrade_at_another_path_calmly(
    rig: Rig, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(HandshakeRefused) as refused:
        await open_stream(rig.target, rig.target.base_url.replace("http", "ws", 1) + path)
    assert refused.value.status == 403
    assert not [entry for entry in caplog.records if entry.exc_info]
