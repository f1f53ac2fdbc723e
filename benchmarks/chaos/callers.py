"""Who calls in a cell of the table: ten whom the fault concerns, and bystanders."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.chaos.cells import Cell
from benchmarks.chaos.set_up import CLOSED, CONCERNED, OTHER
from benchmarks.provider_process import break_down
from rehearsal.caller import (
    CallReport,
    CallScript,
    HangUp,
    Hear,
    SimulatedCaller,
    Speak,
    Target,
    WaitForAgent,
    WaitForHangup,
)

AT_ONCE = 10
ARRIVE_WITHIN_SECONDS = 4.0
FAULT_AFTER_SECONDS = 3.0  # some calls are in conversation by then, others still ring
BYSTANDERS_BEFORE_SECONDS = 2.0
LATER_SECONDS = (9.0, 12.0, 15.0)  # by then, what was found dead is left alone

# As patient as people are who hear that it takes a moment: it says so again after 1.8 s.
ANSWERED = WaitForAgent("finished", deadline_seconds=30, silence_ms=2_300)
END = WaitForHangup(deadline_seconds=40)
HOURS = (ANSWERED, Speak("ask-hours"), ANSWERED, Speak("goodbye"), END)
PERSON = (ANSWERED, Speak("person"), END)
WHO_AM_I = (ANSWERED, Speak("who-am-i"), ANSWERED, Speak("goodbye"), END)
CONCERNED_STEPS = {
    "llm": (HOURS,),
    "stt": (HOURS,),
    "tts": (HOURS,),
    "supabase": (WHO_AM_I,),
    "twilio": (HOURS, PERSON),  # the hang-up, and the transfer
}
TALK = (ANSWERED, Speak("ask-hours"), ANSWERED, Speak("and-saturday"), ANSWERED, HangUp())
ASK = (ANSWERED, Speak("ask-hours"), ANSWERED, HangUp())
LISTEN = (Hear(12.0), HangUp())


@dataclass(frozen=True, slots=True)
class CellReports:
    cell: Cell
    concerned: tuple[CallReport, ...]
    bystanders: tuple[CallReport, ...]


async def call(cell: Cell, target: Target, providers_url: str) -> CellReports:
    """Returns when all calls are over and the providers are well again."""
    caller = SimulatedCaller(target)

    async def later(seconds: float, script: CallScript) -> CallReport:
        await asyncio.sleep(seconds)
        return await caller.call(script)

    kinds = CONCERNED_STEPS[cell.provider]
    scripts = [CallScript("concerned", kinds[it % len(kinds)]) for it in range(AT_ONCE)]
    apart = ARRIVE_WITHIN_SECONDS / AT_ONCE
    concerned = asyncio.gather(
        *(
            later(BYSTANDERS_BEFORE_SECONDS + apart * number, _numbered(script, number, CONCERNED))
            for number, script in enumerate(scripts)
        )
    )
    beside = asyncio.gather(
        *(
            later(seconds, _numbered(CallScript(name, steps), 50 + number, dialled))
            for number, (seconds, name, steps, dialled) in enumerate(_bystanders(cell))
        )
    )
    await asyncio.sleep(BYSTANDERS_BEFORE_SECONDS + FAULT_AFTER_SECONDS)
    await asyncio.to_thread(break_down, providers_url, cell.faults())
    reports = CellReports(cell, tuple(await concerned), tuple(await beside))
    await asyncio.to_thread(break_down, providers_url, {})
    return reports


def _bystanders(cell: Cell) -> Sequence[tuple[float, str, tuple, str]]:  # type: ignore[type-arg]
    found = [(0.5 * number, "listens", LISTEN, CLOSED) for number in range(2)]
    if cell.who_else_talks:
        found += [(0.3 * number, "talks", TALK, OTHER) for number in range(2)]
    if cell.who_else_talks == "also later":
        found += [(seconds, "talks later", ASK, OTHER) for seconds in LATER_SECONDS]
    return found


def _numbered(script: CallScript, number: int, dialled: str) -> CallScript:
    return replace(script, from_number=f"+3519400000{number:02d}", to_number=dialled)
