"""A caller who says nothing is asked, and goodbye is said; one who speaks up is heard."""

import pytest

from rehearsal.caller import (
    CallScript,
    HangUp,
    Hear,
    LoseTheLine,
    SimulatedCaller,
    Speak,
    WaitForAgent,
    WaitForHangup,
)
from tests.whole_call.dead_air import longest_dead_air_ms
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETED = WaitForAgent("finished")


async def test_who_speaks_into_the_goodbye_is_answered(rig: Rig) -> None:
    rig.edit_agent(silence_seconds=2)
    questions = (GREETED, GREETED)
    speaking_up = (WaitForAgent("started"), Hear(0.6), Speak("ask-hours"), GREETED, HangUp())
    report = await rig.call(GREETED, *questions, *speaking_up)
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "caller"
    lines = record["transcript"]
    (goodbye,) = [n for n, it in enumerate(lines) if it["text"].startswith("I cannot hear anybody")]
    assert lines[goodbye]["interrupted"]
    assert [it["speaker"] for it in lines[goodbye + 1 :]].count("caller") == 1


async def test_it_is_kept_after_a_line_that_broke_while_the_caller_spoke(rig: Rig) -> None:
    rig.edit_agent(silence_seconds=1)
    script = CallScript(
        "then silent",
        (GREETED, Speak("ask-hours"), LoseTheLine(), WaitForHangup(deadline_seconds=30.0)),
        limit_seconds=40.0,
    )
    report = await SimulatedCaller(rig.target).call(script)
    assert report.ok, report.failures
    assert rig.record(report.call_sid)["ended_by"] == "timeout"
    assert rig.events(report.call_sid).count("caller silent") >= 2
    assert longest_dead_air_ms(report) < 6_000
