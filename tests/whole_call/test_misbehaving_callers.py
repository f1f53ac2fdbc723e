"""What Twilio never does, against the product: it bears what it can, and closes what it must."""

import asyncio
from dataclasses import replace

import pytest
from pytest_django.fixtures import Settings

from rehearsal.caller import (
    MISBEHAVIOURS,
    CallReport,
    CallScript,
    HangUp,
    Misbehaviour,
    Pause,
    SimulatedCaller,
    Speak,
    WaitForAgent,
)
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

CHAT = CallScript(
    "chat",
    (
        Pause(300),
        WaitForAgent("finished"),
        Speak("ask-hours"),
        WaitForAgent("finished"),
        HangUp(),
    ),
    limit_seconds=60.0,
)
REFUSED = 4008
# The server has to close these at once, before any provider is asked for anything.
HOSTILE_STARTS = (
    "frames-without-start",
    "token-of-another-call",
    "token-made-up",
    "token-missing",
    "foreign-account",
)
ON_THE_WAY = ("stall", "gap", "disorder", "2-mib", "echo")
BESIDE = (
    "late-start",
    "duplicate-webhook",
    "webhook-in-the-call",
    "status-too-soon",
    "status-out-of-order",
)
ENDING = (
    "reset",
    "close-without-stop",
    "stop-and-stay",
    "no-utf-8",
    "flood",
    "hostile-messages",
    "second-socket",  # the newest wins
)


async def call_at_once(rig: Rig, names: tuple[str, ...], script: CallScript) -> list[CallReport]:
    """One call for each, all at the same time."""

    async def one(number: int, misbehaviour: Misbehaviour) -> CallReport:
        await asyncio.sleep(0.05 * number)
        own = replace(script, from_number=f"+12025550{number:03d}")
        return await SimulatedCaller(rig.target).call(misbehaviour.on(own))

    return await asyncio.gather(
        *(one(number, MISBEHAVIOURS[name]) for number, name in enumerate(names))
    )


async def test_it_closes_a_stream_that_does_not_start_as_it_should(
    rig: Rig, settings: Settings
) -> None:
    settings.ANSWER_WHEN_WARM = False  # That is the webhook's doing, not the stream's.
    for report in await call_at_once(rig, HOSTILE_STARTS, CHAT):
        assert report.ok, (report.misbehaviour, report.failures)
        assert report.close_code == REFUSED, report.misbehaviour
        assert report.first_audio_ms is None
    assert rig.providers.log.entries("stt") == []
    assert rig.providers.log.entries("tts") == []


@pytest.mark.parametrize("names", [ON_THE_WAY, BESIDE])
async def test_it_bears_what_is_no_reason_to_end_a_call(rig: Rig, names: tuple[str, ...]) -> None:
    for report in await call_at_once(rig, names, CHAT):
        assert report.ok, (report.misbehaviour, report.failures, report.deeds)
        assert report.ended_by == "caller", report.misbehaviour
        record = rig.record(report.call_sid)
        assert record["status"] == "completed", report.misbehaviour
        greetings = [it for it in record["transcript"] if it["text"].startswith("word1 ")]
        assert len(greetings) == 1, f"{report.misbehaviour}: nobody is greeted twice"


async def test_whatever_ends_a_call_leaves_nothing_of_it(rig: Rig) -> None:
    for report in await call_at_once(rig, ENDING, CHAT):
        assert report.ok, (report.misbehaviour, report.failures, report.deeds)
        record = rig.record(report.call_sid)
        assert record["status"] in {"completed", "failed"}, report.misbehaviour
