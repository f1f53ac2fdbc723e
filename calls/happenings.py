"""What the call log is told, one dataclass for each thing that can happen to a call. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from calls.timing import Timings


@dataclass(frozen=True, slots=True)
class CallRang:
    call_sid: str
    from_number: str
    to_number: str
    agent_name: str
    revision: int
    webhook_ms: float


@dataclass(frozen=True, slots=True)
class StreamBegan:
    call_sid: str
    stream_sid: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Milestone:
    call_sid: str
    name: str
    at_ms: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CustomerKnown:
    call_sid: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Said:
    """Words that were heard. `reply_ms`: from the caller's last word to the reply's first audio."""

    call_sid: str
    speaker: str
    text: str
    at_ms: float
    end_ms: float | None = None
    interrupted: bool = False
    reply_ms: float | None = None


@dataclass(frozen=True, slots=True)
class ToolRan:
    call_sid: str
    name: str
    arguments: Mapping[str, object]
    outcome: str
    at_ms: float
    ms: float
    result: Mapping[str, object] = field(default_factory=dict)  # what the model was told


@dataclass(frozen=True, slots=True)
class ToolsOffered:
    """From this moment on, these stood in each request to the model."""

    call_sid: str
    names: tuple[str, ...]
    at_ms: float


@dataclass(frozen=True, slots=True)
class CallOver:
    call_sid: str
    ended_by: str
    at: datetime
    duration_ms: float
    timings: Timings


@dataclass(frozen=True, slots=True)
class StatusReported:
    """Twilio's own word on the call: may come twice, late, and out of order."""

    call_sid: str
    status: str
    at: datetime


Happening = (
    CallRang
    | StreamBegan
    | Milestone
    | CustomerKnown
    | Said
    | ToolRan
    | ToolsOffered
    | CallOver
    | StatusReported
)
