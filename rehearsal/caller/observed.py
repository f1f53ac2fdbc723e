"""What happened on a media stream, as its caller's end saw it. Pure data; ms from `start`."""

from dataclasses import dataclass
from typing import Literal

from rehearsal.caller.ear import Heard
from rehearsal.caller.microphone import Said
from rehearsal.caller.playout import Gap, Played

# `twiml`: no stream carried it, as its script wants.
EndedBy = Literal["caller", "server-rest", "server-socket", "line", "error", "twiml"]
# After these, Twilio asks the <Connect action> what comes next.
SOCKET_IS_GONE = ("server-socket", "line")


@dataclass(frozen=True, slots=True)
class Ending:
    """Who ended the call, and what the caller has to say about it."""

    by: EndedBy
    at_ms: float
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """One media stream. A call has another when the <Connect action> connects it anew."""

    stream_sid: str
    began_ms: float
    first_audio_ms: float | None  # from its own `start`
    ended_by: EndedBy
    ended_ms: float
    close_code: int | None  # of the socket, when the server closed it


@dataclass(frozen=True, slots=True)
class MarkSeen:
    """A mark of the server. `echoed_ms` is None when the call ended before."""

    name: str
    received_ms: float
    echoed_ms: float | None = None
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class ClearReceived:
    at_ms: float
    thrown_away_ms: float


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything up to the end. The default is a stream that never began."""

    first_audio_ms: float | None = None
    said: tuple[Said, ...] = ()
    heard: tuple[Heard, ...] = ()
    played: tuple[Played, ...] = ()
    unheard_ms: float = 0.0  # speech that was still to be played
    marks: tuple[MarkSeen, ...] = ()
    clears: tuple[ClearReceived, ...] = ()
    gaps: tuple[Gap, ...] = ()
    violations: tuple[str, ...] = ()
    lags_ms: tuple[float, ...] = ()  # how late each 20 ms frame was sent
    close_code: int | None = None  # of the socket, when the server closed it
    streams: tuple[StreamSeen, ...] = ()
