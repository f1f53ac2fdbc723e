"""Outside the business hours: what the caller hears, and what becomes of the call."""

from datetime import UTC, datetime, time
from typing import Any

import numpy as np
import pytest

from calls.prompting import OUT_OF_HOURS
from catalog import mulaw
from catalog.models import OpeningHours
from rehearsal.caller import CallReport, HangUp, Hear, Speak, WaitForAgent, WaitForHangup
from tests.catalog.factories import make_clip
from tests.whole_call.desk import at_the_desk
from tests.whole_call.rig import GREETING_MS, GREETING_TEXT, Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETING_END = WaitForAgent("finished")
CLOSED_TEXT = "We are closed today."
CLOSED_MS = 4_000


def closed_audio() -> bytes:
    samples = 8_000 * np.sin(2 * np.pi * 400 * np.arange(8 * CLOSED_MS) / 8_000)
    return mulaw.encode(samples.astype("<i2").tobytes())


def keep_hours(rig: Rig, *, open_now: bool, **changes: Any) -> None:
    """Hours on every weekday, or only on one that is days away; and a clip for the others."""
    weekday = datetime.now(UTC).weekday()
    weekdays = range(7) if open_now else [(weekday + 3) % 7]

    def write() -> int:
        for day in weekdays:
            OpeningHours.objects.create(agent=rig.agent, weekday=day, opens=time(0), closes=time(0))
        return make_clip("Closed", text=CLOSED_TEXT, mulaw=closed_audio()).pk

    rig.edit_agent(out_of_hours_clip=at_the_desk(write), time_zone="UTC", **changes)


def played_ms(report: CallReport) -> float:
    return report.heard[0].end_ms - report.heard[0].start_ms


async def test_within_the_hours_the_caller_is_greeted(rig: Rig) -> None:
    keep_hours(rig, open_now=True, out_of_hours="hang_up")
    report = await rig.call(GREETING_END, Speak("ask-hours"), GREETING_END, HangUp())
    assert report.ok, report.failures
    assert abs(played_ms(report) - GREETING_MS) <= 40
    assert rig.conversations()[0][0] == ("assistant", GREETING_TEXT)
    assert OUT_OF_HOURS not in rig.system_prompts()[0]


async def test_outside_the_hours_it_says_so_and_talks_if_the_agent_is_to_converse(
    rig: Rig,
) -> None:
    keep_hours(rig, open_now=False, out_of_hours="converse")
    report = await rig.call(GREETING_END, Speak("ask-hours"), GREETING_END, HangUp())
    assert report.ok, report.failures
    assert abs(played_ms(report) - CLOSED_MS) <= 40
    assert rig.conversations()[0][0] == ("assistant", CLOSED_TEXT)
    assert OUT_OF_HOURS in rig.system_prompts()[0]
    transcript = rig.record(report.call_sid)["transcript"]
    assert [line["text"] for line in transcript][0] == CLOSED_TEXT
    assert len(transcript) >= 3, "the caller was answered"


async def test_the_caller_may_interrupt_it_if_the_agent_is_to_converse(rig: Rig) -> None:
    keep_hours(rig, open_now=False, out_of_hours="converse")
    report = await rig.call(Hear(1.0), Speak("ask-hours"), GREETING_END, HangUp())
    assert report.ok, report.failures
    assert [clear for clear in report.clears if clear.thrown_away_ms > 0]
    first = rig.record(report.call_sid)["transcript"][0]
    assert first["interrupted"] and CLOSED_TEXT.startswith(first["text"])


async def test_outside_the_hours_it_hangs_up_once_the_whole_clip_was_heard(rig: Rig) -> None:
    keep_hours(rig, open_now=False, out_of_hours="hang_up")
    report = await rig.call(WaitForHangup())
    assert report.ok, report.failures
    assert report.ended_by == "server-rest"
    assert abs(played_ms(report) - CLOSED_MS) <= 40 and report.unheard_ms == 0
    record = rig.record(report.call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "agent")
    (line,) = record["transcript"]
    assert line["text"] == CLOSED_TEXT and not line["interrupted"]
    assert record["timings"]["first_audio_ms"] is not None
    assert record["timings"]["agent_ready_ms"] is None, "no pipeline was built"
    assert nobody_was_asked(rig)


async def test_a_call_that_ends_with_its_clip_cannot_be_talked_out_of_it(rig: Rig) -> None:
    keep_hours(rig, open_now=False, out_of_hours="hang_up", greeting_policy="interruptible")
    report = await rig.call(Hear(0.3), Speak("ask-hours", interrupting=True), WaitForHangup())
    assert report.clears == ()
    assert abs(played_ms(report) - CLOSED_MS) <= 40
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "agent"
    assert [line["text"] for line in record["transcript"]] == [CLOSED_TEXT]
    assert nobody_was_asked(rig)


async def test_a_caller_may_hang_up_in_the_clip(rig: Rig) -> None:
    keep_hours(rig, open_now=False, out_of_hours="hang_up")
    report = await rig.call(Hear(1.0), HangUp())
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "caller"
    assert record["transcript"][0]["interrupted"]
    assert nobody_was_asked(rig)


async def test_nobody_is_hung_up_on_when_there_is_no_clip_to_play_first(rig: Rig) -> None:
    keep_hours(rig, open_now=False, out_of_hours="hang_up")
    rig.edit_agent(out_of_hours_clip=None)
    report = await rig.call(GREETING_END, Speak("ask-hours"), GREETING_END, HangUp())
    assert report.ok, report.failures
    assert rig.conversations()[0][0] == ("assistant", GREETING_TEXT)
    assert OUT_OF_HOURS in rig.system_prompts()[0]


def nobody_was_asked(rig: Rig) -> bool:
    return not any(rig.providers.log.entries(provider) for provider in ("stt", "tts", "llm"))
