"""H23 to H27: calls do not mix, end once, after their last words, in time, by our own clock."""

import asyncio
import logging
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.models import Customer
from rehearsal.caller import HangUp, LoseTheLine, Pause, Speak, WaitForAgent, WaitForHangup
from tests.hazards.calling import ANSWERED, HEARD, call
from tests.hazards.numbers import calls as as_many
from tests.whole_call.desk import at_the_desk
from tests.whole_call.rig import Rig

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.django_db(transaction=True)

CALLS, AT_ONCE = as_many(16, asked=150), as_many(8, asked=50)
NAMES = [f"Quirin{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(CALLS)]
JUMP = timedelta(hours=2)


async def test_h23_nothing_of_a_call_is_in_another(rig: Rig) -> None:
    def know_everybody() -> None:
        for number, name in enumerate(NAMES):
            Customer.objects.create(name=name, phone=f"+1202555{number:04d}")

    async def one_after_the_other(first: int) -> dict[str, Any]:
        records = {}
        for number in range(first, CALLS, AT_ONCE):
            report = await call(rig, HEARD, Speak("who-am-i"), HEARD, HangUp(), number=number)
            assert report.ok, report.failures
            records[NAMES[number]] = report.call_sid
        return records

    at_the_desk(know_everybody)
    found = await asyncio.gather(*(one_after_the_other(first) for first in range(AT_ONCE)))
    calls = {name: sid for records in found for name, sid in records.items()}
    assert len(calls) == len(NAMES)
    for name, call_sid in calls.items():
        assert named_in(rig.record(call_sid)) == {name}
    requests = rig.model_requests()
    assert len(requests) >= len(NAMES)
    assert all(len(named_in(request)) == 1 for request in requests)
    assert all(len(named_in(text)) <= 1 for text in rig.spoken_texts())
    logger.info("%d calls, %d at a time", len(calls), len(found))


def named_in(document: object) -> set[str]:
    return {name for name in NAMES if name in str(document)}


async def test_h24_whoever_hangs_up_at_the_same_moment_a_call_ends_once(rig: Rig) -> None:
    """The rig asks afterwards: one end for each call, and one hang-up at most."""

    async def both(line: str, gone: HangUp | LoseTheLine, after_ms: float, number: int) -> str:
        last_words = WaitForAgent("finished", silence_ms=1.0)
        report = await call(
            rig, HEARD, Speak(line), last_words, Pause(after_ms), gone, number=number
        )
        return report.call_sid

    pairs = [
        (line, gone, float(after_ms))
        for line in ("goodbye", "person")
        for gone in (HangUp(), LoseTheLine())
        for after_ms in (60, 140, 220)
    ]
    rig.edit_agent(transfer_number="+351200000099")
    call_sids = await asyncio.gather(*(both(*pair, number=n) for n, pair in enumerate(pairs)))
    enders = [rig.record(call_sid)["ended_by"] for call_sid in call_sids]
    logger.info("ended by: %s", enders)
    for pair, call_sid, ended_by in zip(pairs, call_sids, enders, strict=True):
        assert ended_by in {"agent", "caller", "transfer", "error"}, (pair, rig.events(call_sid))


async def test_h25_it_hangs_up_only_after_the_goodbye_was_heard(rig: Rig) -> None:
    report = await call(rig, HEARD, Speak("goodbye"), WaitForHangup())
    assert report.ok, report.failures
    assert report.ended_by == "server-rest"
    assert report.goodbye_heard and report.unheard_ms == 0
    logger.info("hung up %.0f ms after its last word", report.ended_ms - report.heard[-1].end_ms)
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "agent"
    assert record["tool_runs"][0]["name"] == "end_call"
    goodbye = record["tool_runs"][0]["arguments"]["goodbye"]
    assert record["transcript"][-1]["text"] == goodbye
    assert rig.spoken_texts()[-1] == goodbye


async def test_h26_no_call_goes_on_for_ever(rig: Rig) -> None:
    rig.edit_agent(max_call_seconds=2)
    report = await call(rig, WaitForHangup())
    assert report.ok, report.failures
    assert 5_000 <= report.ended_ms <= 9_000, "the goodbye lasts four and a half seconds"
    assert report.unheard_ms == 0
    assert rig.record(report.call_sid)["ended_by"] == "timeout"
    logger.info("ended %.0f ms after a limit of 2,000 ms, goodbye heard", report.ended_ms - 2_000)
    posts = [it.body for it in rig.providers.log.entries("twilio") if it.method == "POST"]
    assert {"TimeLimit": "62"} in posts, "Twilio ends it should the server be gone"


async def test_h27_a_clock_that_jumps_changes_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall, now, jumped = time.time, timezone.now, timedelta()

    def jumping_now() -> datetime:
        return now() + jumped

    async def jump() -> None:
        nonlocal jumped
        for to in (JUMP, -JUMP):
            jumped = to
            await asyncio.sleep(2.0)

    monkeypatch.setattr(time, "time", lambda: wall() + jumped.total_seconds())
    monkeypatch.setattr(timezone, "now", jumping_now)
    report, _ = await asyncio.gather(call(rig, *ANSWERED), jump())
    assert report.ok, report.failures
    assert report.replies[0].gap_ms is not None and report.replies[0].gap_ms < 6_000
    monkeypatch.undo()
    record = rig.record(report.call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "caller")
    assert record["duration_ms"] == pytest.approx(report.ended_ms, abs=1_000)
    assert record["timings"]["first_reply_audio_ms"] < record["duration_ms"]
