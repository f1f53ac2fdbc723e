"""H15 to H17, H22: connections that break, stay open, stop, or come anew."""

import asyncio
import logging
import time

import pytest

from calls.live import live_calls
from rehearsal.caller.stream_messages import SILENCE_PAYLOAD
from tests.hazards.numbers import calls
from tests.whole_call.raw_stream import RawCall, hang_ups
from tests.whole_call.rig import GREETING_MS, GREETING_TEXT, Rig
from tests.whole_call.test_line_faults import opened_anew

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.django_db(transaction=True)

# A greeting of two seconds, a line of less than three from then on, a model that takes its time.
MOMENTS = {
    "at the start": 0.0,
    "in the greeting": 0.8,
    "while the caller speaks": 3.5,
    "while it is understood": 5.4,
    "while the model answers": 5.9,
    "while a tool runs": 6.3,
    "in the reply": 7.2,
}
LINES = ("ask-hours", "what-time", "person")
ROUNDS = calls(21, asked=504) // 21


async def broken_off_after(rig: Rig, line: str, seconds: float) -> tuple[str, float]:
    """The call, and how long the server waited for its caller and took to let everything go."""
    async with RawCall.begun(rig) as call:
        speaking = asyncio.create_task(call.speak(line, after_ms=GREETING_MS + 200))
        await call.listen(seconds)
        speaking.cancel()
        await call.socket.reset()
        began = time.monotonic()
        while call.call_sid in live_calls:
            await asyncio.sleep(0.02)
        return call.call_sid, time.monotonic() - began


async def broken_off_at_every_moment(rig: Rig) -> list[tuple[str, float]]:
    return await asyncio.gather(
        *(broken_off_after(rig, line, it) for line in LINES for it in MOMENTS.values())
    )


async def before_its_start(rig: Rig) -> None:
    async with RawCall.opened(rig) as call:
        await call.socket.reset()


async def test_h15_a_connection_that_breaks_at_any_moment_leaves_nothing(rig: Rig) -> None:
    """The rig asks afterwards what is left: tasks, sockets at providers, threads, files, rows."""
    rig.slow_down(llm_first_token_ms=300, llm_token_ms=20, tts_first_audio_ms=200)
    await asyncio.gather(*(before_its_start(rig) for _ in range(3)))
    broken = [it for _ in range(ROUNDS) for it in await broken_off_at_every_moment(rig)]
    slowest = max(seconds for _call_sid, seconds in broken)
    logger.info("%d calls broken off, the last was gone after %.2f s", len(broken), slowest)
    assert slowest <= 15.0, "a caller is waited for ten seconds"
    enders = {rig.record(call_sid)["ended_by"] for call_sid, _seconds in broken}
    assert enders <= {"error", "transfer"}


async def test_h16_a_peer_that_does_not_even_read_any_more_is_found_in_six_seconds(
    rig: Rig,
) -> None:
    """Half open: the connection stands, and nobody reads, answers pings or agrees to a close."""
    async with RawCall.begun(rig) as call:
        while call.call_sid not in live_calls:
            await asyncio.sleep(0.01)
        began = time.monotonic()
        while call.call_sid in live_calls and time.monotonic() - began < 12.0:
            await asyncio.sleep(0.05)
        found_after = time.monotonic() - began
        await call.socket.reset()
    logger.info("found and ended after %.1f s", found_after)
    assert 4.5 <= found_after <= 8.0
    events = rig.events(call.call_sid)
    assert events.index("nothing from Twilio") < events.index("line lost")
    assert rig.record(call.call_sid)["ended_by"] == "error"
    assert hang_ups(rig) == 1, "Twilio may still hold the caller"


async def test_h17_a_stream_that_has_stopped_and_stays_open_is_closed(rig: Rig) -> None:
    async with RawCall.begun(rig) as call:
        await call.listen(0.3)
        await call.socket.send_text(call.writer.stop())
        stopped = time.monotonic()
        for _ in range(20):  # what comes late, of whatever kind, changes nothing
            await call.socket.send_text(call.writer.media(SILENCE_PAYLOAD))
            await call.socket.send_text("[]")
        assert not await call.listen(5.0)
        closed_after = time.monotonic() - stopped
        logger.info("closed %.2f s after its stop", closed_after)
        assert 0.8 <= closed_after <= 3.5
        assert call.socket.close_code == 1000
    assert rig.record(call.call_sid)["ended_by"] == "caller"
    assert hang_ups(rig) == 0


async def test_h22_the_newest_stream_of_a_call_wins_and_the_conversation_goes_on(
    rig: Rig,
) -> None:
    async with RawCall.begun(rig) as old:
        await old.silence(GREETING_MS / 1000 + 0.3)
        async with opened_anew(rig, old) as anew:
            assert not await old.listen(3.0)
            assert old.socket.close_code == 1000
            await anew.silence(0.5)
            assert await anew.listen(0.5)
            assert anew.sent_by_server("media") == [], "nobody is greeted twice"
            await anew.speak("ask-hours", after_ms=0)
            assert await anew.listen(2.0)
            heard = anew.sent_by_server("media")
            assert heard and {it["streamSid"] for it in heard} == {anew.writer.stream_sid}
            await anew.socket.send_text(anew.writer.stop())
    record = rig.record(old.call_sid)
    assert record["ended_by"] == "caller"
    assert [line["text"] for line in record["transcript"]].count(GREETING_TEXT) == 1
    assert "stream replaced" in rig.events(old.call_sid)
    assert len(rig.conversations()) == 1
    assert ("assistant", GREETING_TEXT) in rig.conversations()[0]
    assert hang_ups(rig) == 0
