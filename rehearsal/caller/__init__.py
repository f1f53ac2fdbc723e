"""A simulated caller: Twilio and a person with a telephone, over real sockets."""

from rehearsal.caller.errors import CallFailed
from rehearsal.caller.media_stream import HandshakeRefused, MediaStream, open_stream
from rehearsal.caller.playout import Gap, Playout
from rehearsal.caller.report import CallReport, ClearSeen, Reply, Schedule, Spoken
from rehearsal.caller.script import (
    CallScript,
    Colleague,
    HangUp,
    Hear,
    Pause,
    Press,
    Speak,
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
    "SCRIPTS",
    "CallFailed",
    "CallIdentity",
    "CallReport",
    "CallScript",
    "ClearSeen",
    "Colleague",
    "Gap",
    "HandshakeRefused",
    "HangUp",
    "Hear",
    "Line",
    "MediaStream",
    "MessageWriter",
    "Pause",
    "Playout",
    "Press",
    "Reply",
    "Schedule",
    "SimulatedCaller",
    "Speak",
    "Spoken",
    "Target",
    "WaitForAgent",
    "WaitForHangup",
    "line",
    "open_stream",
]
