"""H28 to H30: vendors that fail, whose plan is full, that go away and come back."""

import asyncio
import logging

import pytest
from pytest_django.fixtures import Settings

from rehearsal.caller import (
    CallReport,
    CallScript,
    HangUp,
    Pause,
    SimulatedCaller,
    Speak,
    TurnedAway,
    WaitForHangup,
)
from rehearsal.providers.faults import Provider
from tests.hazards.calling import ANSWERED, HEARD, call
from tests.hazards.numbers import calls
from tests.whole_call.dead_air import longest_dead_air_ms
from tests.whole_call.rig import Rig

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.django_db(transaction=True)

COLLEAGUE = "+351200000099"
MOST_DEAD_AIR_MS = 3_000  # two seconds, and one for a busy machine
PLAN = 5
ON_THE_LINE = calls(12, asked=50)
DEAD = {"429": "limited", "500": "error500", "hanging": "silent"}
BRIDGED = {
    "slow": {"fault": "slow", "ms": 4_000, "times": 1},
    "broken off": {"fault": "drop", "after": 3, "times": 1},
}


@pytest.mark.parametrize("fault", [*DEAD.values(), *BRIDGED.values()], ids=[*DEAD, *BRIDGED])
async def test_h28_a_model_in_trouble_leaves_nobody_in_silence(
    rig: Rig, fault: str | dict[str, object]
) -> None:
    rig.break_down(llm=fault)
    if isinstance(fault, str):
        report = await call(rig, HEARD, Speak("ask-hours"), WaitForHangup(30.0))
        ended_after_ms = report.ended_ms - report.said[-1].end_ms
        assert ended_after_ms <= 16_000
        record = rig.record(report.call_sid)
        assert (record["status"], record["ended_by"]) == ("failed", "error")
        assert "something is not working here" in record["transcript"][-1]["text"]
        assert report.unheard_ms == 0
    else:
        bridged = (HEARD,) if "ms" in fault else ()
        report = await call(rig, HEARD, Speak("ask-hours"), *bridged, HEARD, HangUp())
        assert report.ok, report.failures
        said = " ".join(line["text"] for line in rig.record(report.call_sid)["transcript"])
        assert said.count("Of course.") == 1, "answered, and nothing of it twice"
        assert len(rig.model_requests()) == 2
        ended_after_ms = 0.0
    dead_air_ms = longest_dead_air_ms(report)
    logger.info("dead air %.0f ms, over after %.0f ms", dead_air_ms, ended_after_ms)
    assert dead_air_ms <= MOST_DEAD_AIR_MS
    assert "llm stumbled" in rig.events(report.call_sid)


async def test_h29_more_calls_than_the_vendors_plan_disturb_nobody(
    rig: Rig, settings: Settings
) -> None:
    settings.PROVIDER_CALLS = PLAN
    rig.edit_agent(transfer_number=COLLEAGUE)
    rig.break_down(tts={"most": PLAN}, stt={"most": PLAN})
    rig.providers.backstage.traffic.count_anew()

    async def late(number: int) -> CallReport:
        await asyncio.sleep(1.5)
        script = CallScript("late", (TurnedAway(),), from_number=f"+1202555{number:04d}")
        return await SimulatedCaller(rig.target).call(script)

    reports = await asyncio.gather(
        *(call(rig, *ANSWERED, number=number) for number in range(PLAN)),
        *(late(number) for number in range(PLAN, PLAN + 3)),
    )
    assert all(report.ok for report in reports), [report.failures for report in reports]
    assert all(len(report.replies) == 1 for report in reports[:PLAN])
    assert [report.transferred_to for report in reports[PLAN:]] == [COLLEAGUE] * 3
    assert all(report.first_audio_ms is None for report in reports[PLAN:])
    most = {
        it: rig.providers.backstage.traffic.of(it).most_open for it in (Provider.STT, Provider.TTS)
    }
    logger.info("%d calls, most sockets at once: %s", len(reports), most)
    assert max(most.values()) <= PLAN


async def test_h30_a_vendor_that_comes_back_is_not_stormed(rig: Rig) -> None:
    traffic = rig.providers.backstage.traffic

    async def cut_everybody_off() -> None:
        while traffic.of(Provider.STT).open < ON_THE_LINE:
            await asyncio.sleep(0.05)
        await asyncio.sleep(3.0)
        traffic.count_anew()
        server = rig.providers.runner.server
        assert server is not None
        for connection in server.connections:
            if connection.transport is not None:
                rig.providers_loop.call_soon_threadsafe(connection.transport.abort)

    async def on_the_line(number: int) -> CallReport:
        await asyncio.sleep(0.05 * number)
        steps = (HEARD, Pause(2_500), Speak("ask-hours"), HEARD, HangUp())
        return await call(rig, *steps, number=number)

    reports, _ = await asyncio.gather(
        asyncio.gather(*(on_the_line(number) for number in range(ON_THE_LINE))),
        cut_everybody_off(),
    )
    for report in reports:
        assert report.replies[0].start_ms is not None, "the conversation goes on"
    fastest = {it: traffic.of(it).most_came_in_a_second for it in (Provider.STT, Provider.TTS)}
    logger.info("%d calls, most connects in a second: %s", ON_THE_LINE, fastest)
    assert max(fastest.values()) <= 2 * ON_THE_LINE
