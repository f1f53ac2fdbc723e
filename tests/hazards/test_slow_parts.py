"""H31, H32, H35, H36: a slow database, a slow directory, callbacks in any order."""

import asyncio
import json
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from calls import caller_context
from calls.caller_stream import CallerStream
from calls.media_streams import Media, Message
from calls.models import Call
from calls.refusals import Refused
from customers.directory import DirectoryError, get_directory
from customers.records import CustomerRecord
from rehearsal.caller import CallIdentity, HangUp, Speak
from rehearsal.caller.incoming_call import place_call
from rehearsal.caller.webhooks import post_signed, status_form
from tests.hazards.calling import ANSWERED, HEARD, call
from tests.whole_call.desk import at_the_desk
from tests.whole_call.raw_stream import RawCall
from tests.whole_call.rig import Rig

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.django_db(transaction=True)


async def test_h31_a_slow_query_of_one_call_delays_no_frame_of_another(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All consumers of a process share one thread for the database: it is busy for a second."""
    sent: dict[int | None, float] = {}
    delays_ms: list[float] = []
    take = CallerStream.take

    def take_and_measure(stream: CallerStream, message: Message) -> Refused | None:
        if isinstance(message, Media) and message.timestamp_ms in sent:
            delays_ms.append((time.monotonic() - sent[message.timestamp_ms]) * 1_000)
        return take(stream, message)

    monkeypatch.setattr(CallerStream, "take", take_and_measure)
    async with RawCall.begun(rig) as raw:
        await raw.silence(0.3)
        slow = asyncio.run_coroutine_threadsafe(
            sync_to_async(time.sleep, thread_sensitive=True)(1.0), rig.server_thread.loop
        )
        due = time.monotonic()
        for _ in range(75):
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            text = raw.writer.media("/" * 216)
            sent[int(json.loads(text)["media"]["timestamp"])] = time.monotonic()
            await raw.socket.send_text(text)
            due += 0.02
        slow.result(5.0)
        await raw.socket.send_text(raw.writer.stop())
        await raw.listen(1.0)
    delays_ms.sort()
    logger.info(
        "of %d frames, median %.1f ms, worst %.1f ms",
        len(delays_ms),
        delays_ms[len(delays_ms) // 2],
        delays_ms[-1],
    )
    assert len(delays_ms) == 75
    assert delays_ms[70] < 100 and delays_ms[-1] < 500


@asynccontextmanager
async def lag_of(rig: Rig) -> AsyncIterator[list[float]]:
    """How late the server's loop is with what is due every 20 ms, in ms."""
    lags: list[float] = []

    async def probe() -> None:
        while True:
            due = asyncio.get_running_loop().time() + 0.02
            await asyncio.sleep(0.02)
            lags.append((asyncio.get_running_loop().time() - due) * 1_000)

    probing = asyncio.run_coroutine_threadsafe(probe(), rig.server_thread.loop)
    try:
        yield lags
    finally:
        probing.cancel()


async def test_h32_a_directory_that_takes_two_seconds_holds_up_nobody_else(
    rig: Rig, settings: Settings
) -> None:
    settings.SUPABASE_URL, settings.SUPABASE_KEY = rig.providers_url, "offline"
    get_directory.cache_clear()
    rig.slow_down(supabase_ms=2_000)
    async with lag_of(rig) as lags:
        reports = await asyncio.gather(*(call(rig, *ANSWERED, number=n) for n in range(4)))
    get_directory.cache_clear()
    assert rig.providers.log.entries("supabase")
    lags.sort()
    logger.info("loop lag p99 %.0f ms, worst %.0f ms", lags[len(lags) * 99 // 100], lags[-1])
    assert lags[-1] < 1_000
    for report in reports:
        assert report.ok, report.failures
        assert report.first_audio_ms is not None and report.first_audio_ms < 500
        assert report.longest_gap_in_speech_ms <= 100


EVENTS = ("rings", "rings", "ringing", "in-progress", "completed", "completed")


async def test_h35_webhooks_in_any_order_and_twice_make_one_row(rig: Rig) -> None:
    chance = random.Random(35)

    async def one_call(http: ClientSession) -> str:
        identity = CallIdentity("+12025550100", "+12025550199", rig.target.account_sid)

        async def tell(event: str) -> None:
            if event == "rings":
                await place_call(http, rig.target, identity)
            else:
                url = rig.target.public_url("/call-status")
                form = status_form(identity, event, 1.0)
                assert (await post_signed(http, rig.target, url, form)).status < 300

        await asyncio.gather(*map(tell, chance.sample(EVENTS, len(EVENTS))))
        await tell(chance.choice(EVENTS[2:4]))
        return identity.call_sid

    async with ClientSession() as http:
        call_sids = await asyncio.gather(*(one_call(http) for _ in range(20)))
    for call_sid in call_sids:
        assert rig.record(call_sid)["status"] == "completed"
    rows = at_the_desk(lambda: Call.objects.filter(call_sid__in=call_sids).count())
    assert rows == len(call_sids)


DELAYS_SECONDS = (0.2, 1.0, 5.0, 60.0)


async def test_h36_a_late_customer_takes_nothing_out_of_the_conversation(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    class Late:
        async def find_by_phone(self, number: str) -> CustomerRecord | None:
            at = int(number[-1])
            if at == len(DELAYS_SECONDS):
                raise DirectoryError("The directory is away.")
            await asyncio.sleep(DELAYS_SECONDS[at])
            return CustomerRecord(at, f"Quirin{at}", "en", "active", "", ())

    settings.PREFETCH_TIMEOUT = 30.0
    monkeypatch.setattr(caller_context, "get_directory", lambda: Late())
    steps = (HEARD, Speak("ask-hours"), HEARD, Speak("and-saturday"), HEARD, HangUp())
    reports = await asyncio.gather(
        *(call(rig, *steps, number=number) for number in range(len(DELAYS_SECONDS) + 1))
    )
    assert all(report.ok for report in reports), [report.failures for report in reports]
    assert sorted(map(len, rig.conversations())) == [2] * len(reports) + [4] * len(reports)
    customers = [rig.record(report.call_sid)["customer"] for report in reports]
    assert customers == ["Quirin0", "Quirin1", "Quirin2", None, None]
    named = [
        [name in prompt for prompt in rig.system_prompts()].count(True)
        for name in customers
        if name
    ]
    logger.info("prompts that named the customer, found after 0.2, 1 and 5 s: %s", named)
    assert named[0] == 2 and named[2] >= 1
