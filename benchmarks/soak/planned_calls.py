"""What do the callers of a soak do? Drawn by a seed: the same seed plans the same calls."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from rehearsal.caller import (
    SCRIPTS,
    CallScript,
    CloseWithoutStop,
    Colleague,
    HangUp,
    LoseTheLine,
    Pause,
)
from rehearsal.caller.misbehaviours import RANDOM, misbehaving
from rehearsal.caller.script import Step

BASES = ("short", "time", "transfer", "interrupt-greeting", "impatient")
RINGS_OFF = CallScript("rings off", ())  # no stream ever comes
LIMIT_SECONDS = 75.0
MOST_PAUSE_MS = 2_500


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """`kind` is for counting."""

    kind: str
    script: CallScript


def planned_calls(count: int, seed: int) -> list[PlannedCall]:
    """So many, each from a number of its own."""
    rng = random.Random(seed)
    kinds, weights = zip(*((draw, weight) for draw, weight in KINDS.items()), strict=True)
    calls = [draw(rng) for draw in rng.choices(kinds, weights, k=count)]
    return [
        replace(
            call,
            script=replace(
                call.script, from_number=f"+35193{number:07d}", limit_seconds=LIMIT_SECONDS
            ),
        )
        for number, call in enumerate(calls, 1)
    ]


def _as_scripted(rng: random.Random) -> PlannedCall:
    script = SCRIPTS[rng.choice(BASES)]
    if script.name == "transfer":
        status = rng.choice(("completed", "completed", "busy", "no-answer", "failed"))
        script = replace(script, colleague=Colleague(status, bridges=rng.random() < 0.8))  # type: ignore[arg-type]
    return PlannedCall(f"as scripted: {script.name}", script)


def _in_any_phase(rng: random.Random, last: Step) -> CallScript:
    """Ends anywhere: while the agent greets, listens, thinks, runs a tool, answers, parts."""
    script = SCRIPTS[rng.choice(BASES)]
    done = script.steps[: rng.randrange(len(script.steps))]
    return replace(script, steps=(*done, Pause(rng.randrange(0, MOST_PAUSE_MS)), last))


def _hangs_up(rng: random.Random) -> PlannedCall:
    return PlannedCall("hangs up in any phase", _in_any_phase(rng, HangUp()))


def _is_cut_off(rng: random.Random) -> PlannedCall:
    return PlannedCall("socket cut in any phase", _in_any_phase(rng, LoseTheLine()))


def _is_closed(rng: random.Random) -> PlannedCall:
    code = rng.choice((1000, 1001, 1011, 4000))
    return PlannedCall("closed without a stop", _in_any_phase(rng, CloseWithoutStop(code)))


def _misbehaves(rng: random.Random) -> PlannedCall:
    script = misbehaving(SCRIPTS[rng.choice(BASES)], RANDOM, rng)
    return PlannedCall(f"misbehaves: {script.misbehaviour}", script)


def _rings_off(_rng: random.Random) -> PlannedCall:
    return PlannedCall("rings off", RINGS_OFF)


KINDS: dict[Callable[[random.Random], PlannedCall], int] = {
    _as_scripted: 40,
    _hangs_up: 20,
    _is_cut_off: 8,
    _is_closed: 4,
    _misbehaves: 23,
    _rings_off: 5,
}
