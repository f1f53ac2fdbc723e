"""H1 to H5: the first things a caller hears, once, whatever hangs or is echoed."""

import asyncio
import logging
from dataclasses import replace

import pytest

from rehearsal.caller import (
    MISBEHAVIOURS,
    Conduct,
    Echo,
    HangUp,
    Hear,
    LoseTheLine,
    OpenAnotherSocket,
    Speak,
    WaitForHangup,
    line,
)
from rehearsal.caller.mulaw import mixed
from rehearsal.speech import Line
from tests.hazards.calling import ANSWERED, HEARD, agent_said, call, cuts
from tests.hazards.numbers import calls
from tests.hazards.real_voice import greet_in_words, real_voice
from tests.whole_call.dead_air import longest_dead_air_ms
from tests.whole_call.rig import GREETING_MS, GREETING_TEXT, Rig

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.django_db(transaction=True)

ECHOES_DB = (-10.0, -15.0, -25.0, -35.0)
TURNS = calls(3, asked=10)
UNMARKED = Conduct(echoes_marks=False)


def echoed(level_db: float) -> Conduct:
    return Conduct(echo=Echo(level_db, delay_ms=200.0))


def quietly(name: str, level_db: float) -> Line:
    spoken = line(name)
    return replace(spoken, audio=mixed(b"\xff" * len(spoken.audio), spoken.audio, level_db))


async def test_h01_no_call_is_silent_whatever_hangs(rig: Rig) -> None:
    rig.slow_down(stt_connect_ms=12_000, tts_connect_ms=12_000, llm_first_token_ms=12_000)
    report = await call(rig, WaitForHangup(40.0))
    assert report.ok, report.failures
    assert report.first_audio_ms is not None and report.first_audio_ms < 500
    said = agent_said(rig, report.call_sid)
    assert said[0] == GREETING_TEXT and said[1] == "One moment, please."
    assert "something is not working here" in said[-1]
    rig.slow_down()
    rig.break_down(tts="silent")
    rig.edit_agent(greeting_clip=None)
    without_clip = await call(rig, Hear(0.2), HangUp())
    assert without_clip.first_audio_ms is not None and without_clip.first_audio_ms < 3_000
    logger.info(
        "first audio %.0f ms, longest dead air %.0f ms; without a clip and a voice %.0f ms",
        *(report.first_audio_ms, longest_dead_air_ms(report), without_clip.first_audio_ms),
    )
    assert longest_dead_air_ms(report) <= 6_500  # in which it is the caller's turn


async def test_h02_a_greeting_is_cut_by_words_and_not_by_noise(rig: Rig) -> None:
    whole_ms = greet_in_words(rig)
    calling = asyncio.gather(
        call(rig, Hear(1.0), Speak("ask-hours", interrupting=True), HEARD, HangUp()),
        call(rig, Hear(1.0), Speak(quietly("ask-hours", -18.0), interrupting=True), HangUp()),
        *(call(rig, HEARD, HangUp(), conduct=echoed(level)) for level in ECHOES_DB),
    )
    await asyncio.sleep(0.5)  # They keep what they were rung with.
    rig.edit_agent(greeting_policy="protected")
    protected = await call(rig, Hear(1.0), Speak("ask-hours"), HEARD, HEARD, HangUp())
    interrupted, quietly_interrupted, *undisturbed = await calling
    assert interrupted.ok, interrupted.failures
    assert quietly_interrupted.ok, quietly_interrupted.failures
    assert [cuts(it) for it in undisturbed] == [[]] * len(ECHOES_DB)
    assert protected.heard[0].end_ms - protected.heard[0].start_ms >= whole_ms - 800
    asked = [conversation[1] for conversation in rig.conversations()]
    assert asked.count(("user", protected.said[0].text)) == 2


async def test_h03_the_agent_does_not_answer_itself(rig: Rig) -> None:
    turns = [step for _ in range(TURNS) for step in (Speak("ask-hours"), HEARD)]
    with real_voice(rig):
        report = await call(rig, HEARD, *turns, HangUp(), conduct=echoed(-15.0))
    assert report.ok, report.failures
    assert cuts(report) == []
    said = [it["text"] for it in rig.record(report.call_sid)["transcript"]][1::2]
    assert said == [it.text for it in report.said]
    assert len(rig.conversations()) == len(report.said)


async def test_h04_nobody_is_greeted_twice(rig: Rig) -> None:
    """By a webhook that is tried again, a second stream, or a line that broke."""
    reports = await asyncio.gather(
        call(rig, *ANSWERED, conduct=MISBEHAVIOURS["duplicate-webhook"].conduct),
        call(rig, HEARD, OpenAnotherSocket("fresh", server="may end"), HEARD, HangUp(), number=1),
        call(rig, HEARD, LoseTheLine(), HEARD, HangUp(), number=2),
    )
    for report in reports:
        assert agent_said(rig, report.call_sid).count(GREETING_TEXT) == 1
        greeted = [it for it in report.heard if it.end_ms - it.start_ms > GREETING_MS - 100]
        assert greeted[0].start_ms < 500
    for conversation in rig.conversations():
        assert [text for _role, text in conversation].count(GREETING_TEXT) == 1


async def test_h05_a_caller_whose_marks_never_come_back_is_answered(rig: Rig) -> None:
    """Nothing ever says that the protected greeting was heard, and the model waits for that."""
    early = (Hear(1.0), Speak("ask-hours"), HEARD, HEARD, HangUp())
    for policy, steps in (("interruptible", ANSWERED), ("protected", early)):
        rig.edit_agent(greeting_policy=policy)
        report = await call(rig, *steps, conduct=UNMARKED)
        assert report.ok, report.failures
        (reply,) = report.replies
        assert reply.gap_ms is not None and reply.gap_ms < 4_000
        logger.info("%s: answered after %.0f ms without marks", policy, reply.gap_ms)
    assert all(it[0] == ("assistant", GREETING_TEXT) for it in rig.conversations())
