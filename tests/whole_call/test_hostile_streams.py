"""Sockets that are not what they should be: nobody else notices, and nothing is left."""

import json
import random
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from rehearsal.caller import CONNECTED, HandshakeRefused, open_stream
from rehearsal.caller.stream_messages import SILENCE_PAYLOAD
from tests.whole_call.raw_stream import RawCall, hang_ups, ring
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nothing_is_warm(settings: Settings) -> None:
    """What the call's own signed webhook opens is no stranger's doing."""
    settings.ANSWER_WHEN_WARM = False


def providers_were_touched(rig: Rig) -> bool:
    return bool(rig.providers.log.entries("stt") or rig.providers.log.entries("tts"))


@pytest.mark.usefixtures("nothing_is_warm")
@pytest.mark.parametrize("signature", ["", "d3Jvbmc=", "not base64 at all"])
async def test_it_refuses_an_upgrade_that_twilio_did_not_sign(rig: Rig, signature: str) -> None:
    _identity, verb = await ring(rig)
    with pytest.raises(HandshakeRefused) as refused:
        await open_stream(rig.target, verb.url, upgrade_signature=signature)
    assert refused.value.status == 403
    assert not providers_were_touched(rig)


async def test_it_takes_a_token_only_once(rig: Rig) -> None:
    async with RawCall.begun(rig) as first:
        assert await first.listen(0.5)
        async with await open_stream(rig.target, first.verb.url) as second:
            replay = RawCall(first.identity, first.verb, second, first.writer)
            await replay.start()
            assert not await replay.listen(3.0)
            assert second.close_code == 4008
            assert replay.received == []
        assert await first.listen(0.3), "the call that owns the token goes on"


@pytest.mark.usefixtures("nothing_is_warm")
@pytest.mark.parametrize("token", ["", "guessed", "x" * 400])
async def test_it_refuses_a_start_without_a_valid_token(rig: Rig, token: str) -> None:
    async with RawCall.opened(rig) as call:
        await call.start({"token": token})
        assert not await call.listen(3.0)
        assert call.socket.close_code == 4008
    assert not providers_were_touched(rig)


async def test_it_refuses_a_token_of_another_call(rig: Rig) -> None:
    _other, others_verb = await ring(rig)
    async with RawCall.opened(rig) as call:
        await call.start(dict(others_verb.parameters))
        assert not await call.listen(3.0)
        assert call.socket.close_code == 4008


@pytest.mark.usefixtures("nothing_is_warm")
async def test_it_closes_a_socket_that_never_starts(rig: Rig) -> None:
    async with RawCall.opened(rig) as call:
        await call.socket.send_text(CONNECTED)
        assert not await call.listen(8.0)
        assert call.socket.close_code == 4008
    assert not providers_were_touched(rig)


async def test_it_closes_a_socket_that_talks_without_starting(rig: Rig) -> None:
    async with RawCall.opened(rig) as call:
        for _ in range(40):
            await call.socket.send_text(call.writer.media(SILENCE_PAYLOAD))
        assert not await call.listen(3.0)


def _shuffled(text: str, rng: random.Random) -> str:
    letters = list(text)
    for _ in range(rng.randint(1, 6)):
        letters[rng.randrange(len(letters))] = chr(rng.randrange(32, 0x2FF))
    return "".join(letters)


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    _shuffled,
    lambda text, rng: text[: rng.randrange(len(text))],
    lambda text, rng: text.replace("MZ", "ZM", 1),
    lambda text, rng: json.dumps(rng.choice([None, 5, [], {}, "x", {"event": "media"}])),
    lambda text, rng: text.replace('"payload":"', '"payload":"%%%', 1),
    lambda text, rng: "[" * 2_000,
    lambda text, rng: json.dumps({"event": "mark", "streamSid": None, "mark": {"name": 7}}),
    lambda text, rng: text.replace("media", rng.choice(["dtmf", "mark", "start", "stopp"])),
)


def fuzzed(call: RawCall, rng: random.Random) -> str:
    """Something close to a real message, but no `stop`."""
    while True:
        text = rng.choice(MUTATIONS)(call.writer.media(SILENCE_PAYLOAD), rng)
        if json_event(text) != "stop":
            return text


async def test_it_survives_fuzzed_messages_beside_real_ones(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(20_26)
    async with RawCall.begun(rig) as call:
        for _ in range(18):
            assert await call.socket.send_text(fuzzed(call, rng))
            await call.silence(0.3)
        await call.speak("ask-hours", after_ms=0)
        assert await call.listen(4.0), "the call goes on"
    assert any("hours" in text for _role, text in rig.conversations()[0])
    of_the_product = [entry for entry in caplog.records if entry.name != "aiohttp.server"]
    assert not [entry for entry in of_the_product if entry.exc_info]


async def test_it_closes_a_stream_that_sends_nonsense_and_hangs_up(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(20_26)
    async with RawCall.begun(rig) as call:
        for _ in range(1_000):
            if not await call.socket.send_text(fuzzed(call, rng)):
                break
        assert not await call.listen(3.0)
        assert call.socket.close_code == 4008
    assert rig.record(call.call_sid)["ended_by"] == "error"
    assert hang_ups(rig) == 1, "whoever is on the phone does not wait for nothing"
    assert not [entry for entry in caplog.records if entry.exc_info]
    assert call.writer.stream_sid not in caplog.text


async def test_it_closes_a_stream_that_sends_twenty_one_bad_messages_in_all(rig: Rig) -> None:
    async with RawCall.begun(rig) as call:
        for _ in range(20):
            await call.socket.send_text("[]")
            assert await call.listen(0.26)
        await call.socket.send_text("[]")
        assert not await call.listen(2.0)
        assert call.socket.close_code == 4008


@pytest.mark.parametrize("kind", ["media", "mark", "dtmf", "an event that Twilio may add"])
async def test_it_closes_a_flood_of_well_formed_messages(rig: Rig, kind: str) -> None:
    async with RawCall.begun(rig) as call:
        texts = {
            "media": lambda: call.writer.media(SILENCE_PAYLOAD),
            "mark": lambda: call.writer.mark("mine"),
            "dtmf": lambda: call.writer.dtmf("1"),
        }
        for _ in range(2_000):
            text = texts.get(kind, lambda: '{"event":"new"}')()
            if not await call.socket.send_text(text):
                break
        assert not await call.listen(3.0)
        assert call.socket.close_code == 4008
    assert rig.record(call.call_sid)["ended_by"] == "error"


async def test_it_does_not_wait_for_a_start_behind_64_kib_of_anything(rig: Rig) -> None:
    async with RawCall.opened(rig) as call:
        for _ in range(3):
            await call.socket.send_text(json.dumps({"event": "connected", "pad": "x" * 30_000}))
        assert not await call.listen(2.0)
        assert call.socket.close_code == 4008


def json_event(text: str) -> object:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document.get("event") if isinstance(document, dict) else None


async def test_it_ignores_binary_and_oversize_frames_and_foreign_streams(rig: Rig) -> None:
    async with RawCall.begun(rig) as call:
        await call.socket.send_binary(b"\x00" * 500)
        await call.socket.send_text(json.dumps({"event": "media", "pad": "x" * 70_000}))
        await call.silence(1.1)
        foreign = call.writer.media(SILENCE_PAYLOAD).replace(
            call.writer.stream_sid, "MZ" + "0" * 32
        )
        await call.socket.send_text(foreign)
        await call.socket.send_text(foreign.replace('"media"', '"stop"'))
        await call.socket.send_text(call.writer.media("AAAA" * 20_000))
        assert await call.listen(1.0)
        await call.socket.send_text(call.writer.stop())
        await call.listen(2.0)
    assert rig.record(call.call_sid)["ended_by"] == "caller"
