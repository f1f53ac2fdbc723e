"""Everything that can be wrong with a call on Twilio's side, by name; any script can be made so."""

import random
from dataclasses import dataclass, replace
from typing import Literal

from rehearsal.caller.conduct import TWILIO, Conduct, Echo
from rehearsal.caller.misdeeds import (
    CloseWithoutStop,
    Flood,
    GoHalfOpen,
    OnlyListen,
    OpenAnotherSocket,
    RepeatWebhook,
    SendBinary,
    SendHostile,
    SendOversize,
    SpoilFrames,
    Stall,
    StopAndStay,
    TellStatus,
)
from rehearsal.caller.script import CallScript, LoseTheLine, Step, WaitForHangup

RANDOM = "random"
KIB = 1024


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """`steps` are put between those of a script, or take the place of the rest, or of all.

    `conduct` holds for the whole call.
    """

    name: str
    does: str
    steps: tuple[Step, ...] = ()
    conduct: Conduct = TWILIO
    replaces: Literal["nothing", "the rest", "all"] = "nothing"

    def on(self, script: CallScript, at: int = 1) -> CallScript:
        """The script with this in it, from its step number `at` on, counted from 0."""
        before = script.steps[:at] if self.replaces != "all" else ()
        rest = script.steps[at:] if self.replaces == "nothing" else ()
        return replace(
            script,
            steps=(*before, *self.steps, *rest),
            conduct=self.conduct,
            misbehaviour=self.name,
        )


_REFUSED = (WaitForHangup(deadline_seconds=10.0),)  # the server has to close such a stream

_ALL = (
    # How a stream breaks off ------------------------------------------------------
    Misbehaviour("reset", "the connection breaks (RST)", (LoseTheLine(),)),
    Misbehaviour(
        "close-without-stop", "the socket is closed without `stop`", (CloseWithoutStop(),)
    ),
    Misbehaviour(
        "stop-and-stay", "`stop` comes, and frames after it", (StopAndStay(),), replaces="the rest"
    ),
    Misbehaviour(
        "half-open", "nothing is read or sent any more", (GoHalfOpen(),), replaces="the rest"
    ),
    # How frames travel ------------------------------------------------------------
    Misbehaviour("stall", "3 s of nothing, then all at once", (Stall(3.0),)),
    Misbehaviour("gap", "frames are lost for 1 s", (SpoilFrames("lost"),)),
    Misbehaviour("duplicates", "frames come twice for 1 s", (SpoilFrames("twice"),)),
    Misbehaviour("disorder", "frames are out of order for 1 s", (SpoilFrames("shuffled"),)),
    # What they hold ---------------------------------------------------------------
    Misbehaviour(
        "hostile-messages", "all of hostile_messages.py", (SendHostile(server="may end"),)
    ),
    Misbehaviour("binary", "a binary frame", (SendBinary(),)),
    Misbehaviour(
        "no-utf-8", "a text frame that is no UTF-8", (SendBinary(as_text=True, server="may end"),)
    ),
    Misbehaviour("64-kib", "a frame of 64 KiB and 1 byte", (SendOversize(64 * KIB + 1),)),
    Misbehaviour("2-mib", "a frame of 2 MiB", (SendOversize(2 * KIB * KIB),)),
    Misbehaviour("flood", "10,000 frames a second for 1 s", (Flood(),)),
    # How a stream starts ----------------------------------------------------------
    Misbehaviour(
        "no-start",
        "no `start`, and nothing else",
        _REFUSED,
        Conduct(starts=False),
        replaces="all",
    ),
    Misbehaviour(
        "frames-without-start",
        "no `start`, but frames",
        _REFUSED,
        Conduct(starts=False, frames_before_start=True),
        replaces="all",
    ),
    Misbehaviour("late-start", "`start` comes after 2 s", conduct=Conduct(start_after_ms=2_000)),
    Misbehaviour(
        "token-of-another-call",
        "the token belongs to another call",
        _REFUSED,
        Conduct(token="of another call"),
        replaces="all",
    ),
    Misbehaviour(
        "token-made-up", "nobody gave this token out", _REFUSED, Conduct(token="made up"), "all"
    ),
    Misbehaviour("token-missing", "there is no token", _REFUSED, Conduct(token="none"), "all"),
    Misbehaviour(
        "foreign-account",
        "`start` names another account",
        _REFUSED,
        Conduct(foreign_account=True),
        replaces="all",
    ),
    # What comes beside it ---------------------------------------------------------
    Misbehaviour(
        "second-socket",
        "another socket, a fresh token",
        (OpenAnotherSocket("fresh", server="may end"),),
    ),
    Misbehaviour("replayed-token", "another socket, the same token", (OpenAnotherSocket(),)),
    Misbehaviour("duplicate-webhook", "the webhook comes twice", conduct=Conduct(rings=2)),
    Misbehaviour("webhook-in-the-call", "the webhook comes again", (RepeatWebhook(),)),
    Misbehaviour("status-too-soon", "`completed` comes in mid-call", (TellStatus(),)),
    Misbehaviour(
        "status-twice",
        "`completed` comes three times",
        conduct=Conduct(statuses=("completed",) * 3),
    ),
    Misbehaviour(
        "status-out-of-order",
        "`in-progress` and `ringing` come after `completed`",
        conduct=Conduct(statuses=("completed", "in-progress", "ringing")),
    ),
    Misbehaviour(
        "status-late", "`completed` comes 3 s late", conduct=Conduct(status_delay_seconds=3.0)
    ),
    # How the telephone is ----------------------------------------------------------
    Misbehaviour("no-marks", "marks never come back", conduct=Conduct(echoes_marks=False)),
    Misbehaviour("echo", "the agent hears itself, -20 dB", conduct=Conduct(echo=Echo())),
    Misbehaviour(
        "loud-echo", "the agent hears itself, -10 dB", conduct=Conduct(echo=Echo(-10.0, 300.0))
    ),
    Misbehaviour(
        "no-frames", "no frame comes for 10 s", (SpoilFrames("lost", 10_000.0, "may end"),)
    ),
    Misbehaviour(
        "only-listens", "the caller says nothing for 20 s", (OnlyListen(),), replaces="all"
    ),
)

MISBEHAVIOURS = {it.name: it for it in _ALL}


def misbehaving(script: CallScript, name: str, chance: random.Random) -> CallScript:
    """The script with a misbehaviour; with `random`, any, and anywhere in it."""
    if name == RANDOM:
        anything = chance.choice(_ALL)
        return anything.on(script, at=chance.randrange(len(script.steps)))
    return MISBEHAVIOURS[name].on(script)
