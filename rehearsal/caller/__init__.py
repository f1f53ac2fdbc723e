"""A simulated caller: Twilio and a person with a telephone, over real sockets."""

from rehearsal.caller.conduct import Conduct, Echo
from rehearsal.caller.deeds import Deed
from rehearsal.caller.errors import CallFailed
from rehearsal.caller.media_stream import HandshakeRefused, MediaStream, open_stream
from rehearsal.caller.misbehaviours import MISBEHAVIOURS, Misbehaviour, misbehaving
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
from rehearsal.caller.observed import StreamSeen
from rehearsal.caller.playout import Gap, Playout
from rehearsal.caller.report import CallReport, ClearSeen, Reply, Schedule, Spoken
from rehearsal.caller.script import (
    CallScript,
    Colleague,
    HangUp,
    Hear,
    LoseTheLine,
    Pause,
    Press,
    Speak,
    TurnedAway,
    WaitForAgent,
    WaitForHangup,
)
from rehearsal.caller.scripts import SCRIPTS
from rehearsal.caller.simulated_caller import SimulatedCaller
from rehearsal.caller.stream_messages import CONNECTED, MessageWriter
from rehearsal.caller.target import Target
from rehearsal.caller.webhooks import CallIdentity
from rehearsal.speech import Line, line

__all__ = [
    "CONNECTED",
    "MISBEHAVIOURS",
    "SCRIPTS",
    "CallFailed",
    "CallIdentity",
    "CallReport",
    "CallScript",
    "ClearSeen",
    "CloseWithoutStop",
    "Colleague",
    "Conduct",
    "Deed",
    "Echo",
    "Flood",
    "Gap",
    "GoHalfOpen",
    "HandshakeRefused",
    "HangUp",
    "Hear",
    "Line",
    "LoseTheLine",
    "MediaStream",
    "MessageWriter",
    "Misbehaviour",
    "OnlyListen",
    "OpenAnotherSocket",
    "Pause",
    "Playout",
    "Press",
    "RepeatWebhook",
    "Reply",
    "Schedule",
    "SendBinary",
    "SendHostile",
    "SendOversize",
    "SimulatedCaller",
    "Speak",
    "SpoilFrames",
    "Spoken",
    "Stall",
    "StopAndStay",
    "StreamSeen",
    "Target",
    "TellStatus",
    "TurnedAway",
    "WaitForAgent",
    "WaitForHangup",
    "line",
    "misbehaving",
    "open_stream",
]
