"""When something of our own breaks, the caller is told, and the call beside it goes on."""

import asyncio
from typing import Any

import pytest

from calls import conversing, warmup
from catalog.spoken_fallbacks import Moment, fallback
from rehearsal.caller import Hear, Speak, WaitForAgent, WaitForHangup
from tests.whole_call.dead_air import longest_dead_air_ms
from tests.whole_call.rig import GREETING_TEXT, Rig

pytestmark = pytest.mark.django_db(transaction=True)

APOLOGY = fallback(Moment.APOLOGY, "en").text
GREETED = WaitForAgent("finished")


def said_by_the_agent(rig: Rig, call_sid: str) -> list[tuple[str, bool]]:
    lines = rig.record(call_sid)["transcript"]
    return [(it["text"], it["interrupted"]) for it in lines if it["speaker"] == "agent"]


async def test_a_pipeline_that_cannot_be_built_ends_in_an_apology(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_given: Any, **_named: Any) -> None:
        raise MemoryError("no room for the turn model")

    async def builder() -> Any:
        return broken

    monkeypatch.setattr(warmup, "agent_builder", builder)
    report = await rig.call(WaitForHangup(deadline_seconds=30.0))
    assert report.ok, report.failures
    assert said_by_the_agent(rig, report.call_sid) == [(GREETING_TEXT, False), (APOLOGY, False)]
    assert rig.record(report.call_sid)["ended_by"] == "error"
    assert "no room for the turn model" in caplog.text


async def test_a_fault_beside_the_conversation_ends_in_an_apology(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: Any) -> None:
        await asyncio.sleep(4.0)
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(conversing, "follow_stages", broken)
    rig.edit_agent(transfer_number="+351200000009")
    report = await rig.call(GREETED, WaitForHangup(deadline_seconds=30.0))
    colleague = fallback(Moment.COLLEAGUE, "en").text
    assert said_by_the_agent(rig, report.call_sid)[-1] == (colleague, False)
    assert report.transferred_to == "+351200000009"
    assert longest_dead_air_ms(report) < 3_000


async def test_an_apology_is_heard_to_its_end_whatever_the_caller_says(rig: Rig) -> None:
    rig.break_down(llm="refuse")
    report = await rig.call(
        GREETED, Speak("ask-hours"), Hear(0.6), Speak("person"), WaitForHangup(30.0)
    )
    assert said_by_the_agent(rig, report.call_sid)[-1] == (APOLOGY, False)
    assert report.unheard_ms < 40.0
