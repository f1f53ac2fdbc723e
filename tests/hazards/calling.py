"""One call of a hazard, and what is asked about it."""

from rehearsal.caller import (
    CallReport,
    CallScript,
    ClearSeen,
    Conduct,
    HangUp,
    SimulatedCaller,
    Speak,
    WaitForAgent,
)
from rehearsal.caller.script import Step
from tests.whole_call.rig import Rig

HEARD = WaitForAgent("finished")
ANSWERED = (HEARD, Speak("ask-hours"), HEARD, HangUp())


async def call(
    rig: Rig, *steps: Step, conduct: Conduct | None = None, number: int = 0
) -> CallReport:
    script = CallScript(
        "hazard",
        steps,
        from_number=f"+1202555{number:04d}",
        limit_seconds=120.0,
        conduct=conduct or Conduct(),
    )
    return await SimulatedCaller(rig.target).call(script)


def cuts(report: CallReport) -> list[ClearSeen]:
    """Where something that was being said was thrown away."""
    return [clear for clear in report.clears if clear.thrown_away_ms > 0]


def agent_said(rig: Rig, call_sid: str) -> list[str]:
    said = rig.record(call_sid)["transcript"]
    return [line["text"] for line in said if line["speaker"] == "agent"]
