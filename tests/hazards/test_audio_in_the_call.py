"""H6, H7, H9, H11, H14: stalls, interruptions and lost replies in the middle of a call."""

import asyncio
import base64
import logging
import time

import pytest

from catalog import warmup as catalog_warmup
from catalog.snapshot import ClipAudio
from rehearsal.caller import HangUp, Hear, Speak, WaitForHangup
from rehearsal.providers.voices.tone import LEAST_WORD_MS, MS_PER_CHARACTER
from tests.hazards.calling import ANSWERED, HEARD, call, cuts
from tests.whole_call.dead_air import longest_dead_air_ms
from tests.whole_call.raw_stream import RawCall
from tests.whole_call.rig import GREETING_MS, GREETING_TEXT, Rig

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.django_db(transaction=True)

STALL_SECONDS = 3.0
MOST_GAP_MS = 40.0
FROM_MEMORY = ("One moment", "I am sorry, something is not working here")


async def test_h06_what_is_said_in_the_greeting_and_in_a_stall_is_one_turn(rig: Rig) -> None:
    async def stall() -> None:
        await asyncio.sleep(1.5)
        rig.server_thread.loop.call_soon_threadsafe(time.sleep, STALL_SECONDS)

    rig.edit_agent(greeting_policy="protected")
    report, _ = await asyncio.gather(
        call(rig, Hear(0.3), Speak("ask-hours"), HEARD, HEARD, HangUp()), stall()
    )
    assert report.ok, report.failures
    (conversation,) = rig.conversations()
    asked = [text.split() for role, text in conversation if role == "user"]
    assert asked == [report.said[0].text.split()]
    (reply,) = report.replies
    assert reply.gap_ms is not None and reply.gap_ms < 1_000 * STALL_SECONDS + 2_000
    logger.info("answered %.0f ms after the last word, of which a stall of ours", reply.gap_ms)


async def test_h07_barge_in_leaves_no_audio_behind(rig: Rig) -> None:
    interrupting = Speak("and-saturday", interrupting=True)
    report = await call(rig, HEARD, Speak("ask-hours"), Hear(1.6), interrupting, HEARD, HangUp())
    assert report.ok, report.failures
    (clear,) = cuts(report)
    began_ms, ended_ms = report.said[1].start_ms, report.said[1].end_ms
    assert clear.at_ms - began_ms < 1_000
    assert not [it for it in report.heard if it.end_ms > clear.at_ms and it.start_ms < ended_ms]
    reply = report.replies[0].start_ms
    assert reply is not None
    played_ms, remembered = clear.at_ms - reply, rig.conversations()[1][2][1]
    logger.info(
        "silent %.0f ms after the caller began; %.0f ms were played, %.0f ms are remembered",
        *(clear.at_ms - began_ms, played_ms, spoken_ms(remembered)),
    )
    assert 0 < spoken_ms(remembered) <= played_ms + 400


def spoken_ms(text: str) -> float:
    """How long the tones of the tests take for it."""
    return sum(max(LEAST_WORD_MS, MS_PER_CHARACTER * (len(word) + 1)) for word in text.split())


async def test_h09_a_loop_that_stalls_is_not_heard(rig: Rig) -> None:
    async def stall_again_and_again() -> None:
        while True:
            await asyncio.sleep(1.0)
            rig.server_thread.loop.call_soon_threadsafe(time.sleep, 0.15)

    stalling = asyncio.create_task(stall_again_and_again())
    report = await call(rig, *ANSWERED)
    stalling.cancel()
    assert report.ok, report.failures
    assert report.replies[0].start_ms is not None
    logger.info(
        "longest gap %.0f ms, in speech %.0f ms, with a stall of 150 ms each second",
        *(report.longest_gap_ms, report.longest_gap_in_speech_ms),
    )
    assert report.longest_gap_in_speech_ms <= MOST_GAP_MS


async def test_h11_utterances_are_whole_and_one_after_the_other(rig: Rig) -> None:
    """The greeting, the one-moment clip and the reply have writers of their own."""
    rig.slow_down(llm_first_token_ms=1_300)
    spec = catalog_warmup.current().agents[rig.agent.pk]
    assert spec.greeting_clip is not None and spec.one_moment_clip is not None
    async with RawCall.begun(rig) as raw:
        await raw.speak("ask-hours", after_ms=GREETING_MS + 400)
        await raw.silence(1.0)
        await raw.listen(4.0)
    heard = b"".join(base64.b64decode(it["media"]["payload"]) for it in raw.sent_by_server("media"))
    greeting, moment = audio_of(spec.greeting_clip), audio_of(spec.one_moment_clip)
    assert heard.startswith(greeting + moment)
    assert len(heard) > len(greeting + moment) + 8_000, "and then the reply"


def audio_of(clip: ClipAudio) -> bytes:
    return b"".join(map(base64.b64decode, clip.payloads))


async def test_h14_words_that_were_never_spoken_are_nobodys(rig: Rig) -> None:
    rig.break_down(tts="silent")
    report = await call(rig, HEARD, Speak("ask-hours"), WaitForHangup(30.0))
    said = rig.record(report.call_sid)["transcript"]
    agent_said = [line["text"] for line in said if line["speaker"] == "agent"]
    assert agent_said[0] == GREETING_TEXT
    assert all(text.startswith(FROM_MEMORY) for text in agent_said[1:])
    logger.info("longest dead air %.0f ms", longest_dead_air_ms(report))
    assert longest_dead_air_ms(report) <= 3_000
