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
    agent_key: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A call that was answered with "busy" or "not in service": it has no stream."""

    call_sid: str
    from_number: str
    to_number: str
    why: str
    at: datetime
    agent_name: str = ""
    agent_key: int | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class RanWith:
    """What of the catalog a call works with, as it is named now."""

    agent_name: str = ""
    agent_key: int | None = None
    revision: int = 0
    prompt_name: str = ""
    prompt_version: int | None = None
    clip_name: str = ""
    clip_key: int | None = None
    clip_version: int | None = None


@dataclass(frozen=True, slots=True)
class StreamBegan:
    call_sid: str
    stream_sid: str
    at: datetime
    process_id: str = ""
    ran_with: RanWith | None = None


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
class Used:
    """What one reply cost, beside what the call used before."""

    call_sid: str
    llm_input_tokens: int = 0
    llm_cached_tokens: int = 0
    llm_output_tokens: int = 0
    tts_characters: int = 0


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    """`state` is one of calls.models.RecordingState, `path` where the storage has it."""

    call_sid: str
    state: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Summarised:
    call_sid: str
    summary: str
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallOver:
    call_sid: str
    ended_by: str
    at: datetime
    duration_ms: float
    timings: Timings
    stream_sid: str = ""  # that it had last


@dataclass(frozen=True, slots=True)
class StatusReported:
    """Twilio's own word on the call: may come twice, late, and out of order."""

    call_sid: str
    status: str
    at: datetime
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class StreamReported:
    """Twilio's word on the stream: may come twice."""

    call_sid: str
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """The process that carried this call is gone. `status` and `seconds` are Twilio's, if it
    could be asked.
    """

    call_sid: str
    at: datetime
    status: str = ""
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class SurveyAsked:
    """`channel` is one of calls.models.SurveyChannel."""

    call_sid: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """At the end of the call itself."""

    call_sid: str
    score: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SurveyReplied:
    """Somebody wrote on WhatsApp. Which call that is about, the rows tell; of their words, only
    the score is kept, if they are one.
    """

    from_number: str
    score: int | None
    no_more: bool
    at: datetime
    call_sid: str = ""


Happening = (
    CallRang
    | TurnedAway
    | StreamBegan
    | Milestone
    | CustomerKnown
    | Said
    | ToolRan
    | ToolsOffered
    | Used
    | RecordingChanged
    | Summarised
    | CallOver
    | StatusReported
    | StreamReported
    | Lost
    | SurveyAsked
    | SurveyAnswered
    | SurveyReplied
)
