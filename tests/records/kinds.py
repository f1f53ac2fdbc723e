"""Every kind of call, and what its caller knows of how it ended."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import ClientSession

from calls.models import EndedBy
from rehearsal.caller import (
    SCRIPTS,
    CallIdentity,
    CallReport,
    CallScript,
    HangUp,
    Hear,
    LoseTheLine,
    Pause,
    SimulatedCaller,
    Speak,
    Target,
    WaitForAgent,
    WaitForHangup,
)
from rehearsal.caller.callbacks import Callbacks
from rehearsal.caller.incoming_call import place_call

_callers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Known:
    """What a caller can tell of a call that is over."""

    call_sid: str
    kind: str
    ended_by: EndedBy
    words: tuple[str, ...]  # of the caller, said long enough before the end to be on record


LONG = CallScript(
    "long",
    (
        WaitForAgent("finished", silence_ms=1_200),
        Speak("ask-hours"),
        WaitForAgent("finished", silence_ms=1_200),
        Pause(25_000),
        HangUp(),
    ),
)
HEALTHY: tuple[CallScript, ...] = (
    SCRIPTS["short"],
    SCRIPTS["impatient"],
    SCRIPTS["interrupt-greeting"],
    SCRIPTS["time"],
    SCRIPTS["transfer"],
    # Connected anew: these end as the caller ends them.
    CallScript("cut", (Hear(1.0), LoseTheLine(), Hear(0.5), HangUp())),
    CallScript(
        "cut in mid-sentence",
        (
            WaitForAgent("finished"),
            Speak("ask-hours"),
            WaitForAgent("started"),
            LoseTheLine(),
            WaitForAgent("finished"),
            HangUp(),
        ),
    ),
    # That happens once in a call; then a person is dialled.
    CallScript("cut twice", (Hear(1.0), LoseTheLine(), Hear(0.5), LoseTheLine())),
    CallScript("first syllable", (Pause(200), HangUp())),
)
WITH_A_DEAD_PROVIDER = (CallScript("dead provider", (WaitForHangup(40.0),)),)


def scripts(kinds: Sequence[CallScript], count: int) -> list[CallScript]:
    """So many, in turn, each from a number of its own."""
    return [
        replace(kind, from_number=f"+35191{next(_callers):07d}")
        for kind in itertools.islice(itertools.cycle(kinds), count)
    ]


async def crowd(target: Target, waiting: Sequence[CallScript], at_once: int) -> list[CallReport]:
    """All of them, with so many on the line at a time."""
    seats = asyncio.Semaphore(at_once)
    caller = SimulatedCaller(target)

    async def one(number: int, script: CallScript) -> CallReport:
        async with seats:
            await asyncio.sleep(0.05 * (number % at_once))
            return await caller.call(script)

    return list(await asyncio.gather(*(one(*numbered) for numbered in enumerate(waiting))))


async def ring_off(target: Target) -> Known:
    """Hang up while it still rings: the webhook was answered, and no stream ever comes."""
    call = CallIdentity(f"+35192{next(_callers):07d}", "+351200000000", target.account_sid)
    async with ClientSession() as http:
        await place_call(http, target, call)
        await Callbacks(http, target, call).tell_end(0.0)
    return Known(call.call_sid, "rang off", EndedBy.CALLER, ())


def known(report: CallReport) -> Known:
    """By what the caller saw, not by what the script meant to happen."""
    words = tuple(
        line.text for line in report.said if line.end_ms < report.ended_ms - WRITTEN_WITHIN_MS
    )
    return Known(report.call_sid, report.script, _ended_by(report), words)


WRITTEN_WITHIN_MS = 3_000.0  # heard, understood, and a second on the way to the record


def _ended_by(report: CallReport) -> EndedBy:
    if report.verbs and "Connect Stream" not in report.verbs:
        return EndedBy.TURNED_AWAY
    if report.script == "dead provider" and report.ended_by != "caller":
        return EndedBy.ERROR
    if report.transferred_to:
        # Who never asked for a person was handed to one after an apology.
        return EndedBy.TRANSFER if report.script == "transfer" else EndedBy.ERROR
    if report.ended_by == "caller":
        return EndedBy.CALLER
    broken = report.script == "dead provider" or report.close_code == 1006
    if report.ended_by in {"line", "error"} or broken:
        return EndedBy.ERROR
    return EndedBy.AGENT
