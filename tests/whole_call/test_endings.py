"""Every way a call can end: the row is closed, with who ended it, and nothing is left behind."""

import asyncio

import pytest
from pytest_django.fixtures import Settings

from rehearsal.caller import HangUp, Hear, Pause, Speak, WaitForAgent, WaitForHangup
from tests.whole_call.raw_stream import RawCall, ring
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETING_END = WaitForAgent("finished")


async def test_it_takes_the_goodbye_back_when_the_caller_goes_on_talking(rig: Rig) -> None:
    report = await rig.call(
        GREETING_END,
        Speak("goodbye"),
        Hear(0.4),
        Speak("ask-hours", interrupting=True),
        WaitForAgent("finished"),
        Speak("goodbye"),
        WaitForHangup(),
    )
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    assert record["ended_by"] == "agent"
    assert [run["name"] for run in record["tool_runs"]] == ["end_call", "end_call"]
    assert any("hours" in line["text"] for line in record["transcript"])


@pytest.mark.parametrize(
    ("phase", "steps"),
    [
        ("at once", (HangUp(),)),
        ("in the greeting", (Hear(0.5), HangUp())),
        ("after the greeting", (GREETING_END, Pause(300), HangUp())),
        ("right after speaking", (GREETING_END, Speak("ask-hours"), HangUp())),
        ("in mid-reply", (GREETING_END, Speak("ask-hours"), Hear(0.5), HangUp())),
        ("in the goodbye", (GREETING_END, Speak("goodbye"), Hear(0.3), HangUp())),
    ],
)
async def test_it_closes_the_row_when_the_caller_hangs_up(
    rig: Rig, phase: str, steps: tuple[object, ...]
) -> None:
    report = await rig.call(*steps)
    record = rig.record(report.call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "caller"), phase
    assert record["duration_ms"] is not None
    assert not rig.told_twilio(), "nobody hangs up on a caller who has gone"


async def test_it_closes_the_row_when_the_caller_hangs_up_while_providers_connect(
    rig: Rig,
) -> None:
    rig.slow_down(stt_connect_ms=3_000, tts_connect_ms=3_000)
    report = await rig.call(Hear(0.3), HangUp())
    assert rig.record(report.call_sid)["ended_by"] == "caller"


async def test_it_closes_the_row_of_a_call_that_never_reached_the_stream(rig: Rig) -> None:
    identity, _verb = await ring(rig)
    from aiohttp import ClientSession

    from rehearsal.caller.webhooks import ended_form, post_signed

    async with ClientSession() as http:
        url = rig.target.public_url("/call-status")
        answer = await post_signed(http, rig.target, url, ended_form(identity, 2.0))
    assert answer.status == 204
    record = rig.record(identity.call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "caller")
    assert record["started_at"] is None


async def test_it_notices_a_broken_connection_and_says_error(rig: Rig) -> None:
    async with RawCall.begun(rig) as call:
        await call.listen(0.5)
        await call.socket.reset()
    assert rig.record(call.call_sid)["ended_by"] == "error"


async def test_it_takes_a_clean_close_without_stop_for_a_hang_up(rig: Rig) -> None:
    async with RawCall.begun(rig) as call:
        await call.listen(0.3)
    assert rig.record(call.call_sid)["ended_by"] == "caller"


async def test_it_hangs_up_by_closing_when_twilio_cannot_be_told(
    rig: Rig, settings: Settings
) -> None:
    settings.TWILIO_API_BASE_URL = "http://127.0.0.1:9"
    report = await rig.call(GREETING_END, Speak("goodbye"), WaitForHangup())
    assert report.ended_by == "server-socket"
    assert "Hangup" in report.afterwards
    assert rig.record(report.call_sid)["ended_by"] == "agent"


@pytest.mark.parametrize("provider", ["stt", "tts", "llm"])
async def test_it_ends_politely_when_a_provider_refuses(rig: Rig, provider: str) -> None:
    rig.break_down(**{provider: "refuse"})
    report = await rig.call(GREETING_END, Speak("ask-hours"), WaitForHangup(deadline_seconds=30))
    record = rig.record(report.call_sid)
    assert (record["status"], record["ended_by"]) == ("failed", "error")
    assert record["transcript"][0]["text"], "the greeting was heard all the same"
    assert any(name.startswith(f"{provider} error") for name in rig.events(report.call_sid))
    assert report.heard[-1].end_ms >= report.ended_ms - 1_500, "it apologises before it hangs up"


async def test_it_leaves_other_calls_alone_when_one_dies(rig: Rig) -> None:
    async def dying() -> str:
        async with RawCall.begun(rig) as call:
            await call.listen(0.4)
            await call.socket.reset()
        return call.call_sid

    good, *dead = await asyncio.gather(
        rig.call(GREETING_END, Speak("ask-hours"), GREETING_END, HangUp()),
        *(dying() for _ in range(4)),
    )
    assert good.ok, good.failures
    assert good.longest_gap_in_speech_ms <= 100
    assert [rig.record(call_sid)["ended_by"] for call_sid in dead] == ["error"] * 4
