"""What a simulated caller observed. Pure data; all `_ms` count from the stream's `start`."""

from dataclasses import asdict, dataclass

from rehearsal.caller.deeds import Deed
from rehearsal.caller.ear import Heard
from rehearsal.caller.observed import EndedBy, MarkSeen, StreamSeen
from rehearsal.caller.playout import Gap

STREAM = "Connect Stream"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line of the caller."""

    line: str
    text: str
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What the agent began to say after a line. All None when it said nothing new."""

    line: str
    after_line_end_ms: float
    start_ms: float | None
    gap_ms: float | None  # from the end of the line to the start of the reply


@dataclass(frozen=True, slots=True)
class ClearSeen:
    """A `clear` of the server, and the line that brought it about."""

    at_ms: float
    thrown_away_ms: float
    interrupted: bool  # the agent was speaking; otherwise there was nothing to clear
    line: str | None
    after_line_start_ms: float | None  # from the interruption's first sound to silence


@dataclass(frozen=True, slots=True)
class Schedule:
    """How late the caller itself was with its 20 ms frames: above a few ms, doubt the rig."""

    frames: int
    p99_lag_ms: float
    max_lag_ms: float


@dataclass(frozen=True, slots=True)
class Followed:
    """What Twilio was told to do with the call, from its answer to its end."""

    verbs: tuple[str, ...] = ()  # such as `Dial +351200000009`, in order
    transferred_to: str | None = None  # the number dialled
    dial_status: str | None = None  # how that fared, in Twilio's words
    whispered: str | None = None  # to who picked up; None: nobody, or nothing
    told: tuple[str, ...] = ()  # what Twilio said to the caller
    clips: tuple[str, ...] = ()  # addresses of what it played to them
    troubles: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()  # verbs that Twilio does not know


@dataclass(frozen=True, slots=True)
class AroundTheStream:
    """What is known of a call beside its media stream."""

    call_sid: str
    stream_sid: str
    script: str
    verbs: tuple[str, ...] = ()  # of the TwiML that answered the call
    webhook_ms: float | None = None  # wall time of the webhook
    ws_open_ms: float | None = None  # wall time from TwiML to 101
    followed: Followed = Followed()
    fallback: str = ""  # why Twilio would turn to the number's Voice fallback
    total_ms: float = 0.0  # from the first ring to the last callback
    misbehaviour: str = ""
    deeds: tuple[Deed, ...] = ()
    troubles: tuple[str, ...] = ()  # callbacks that failed
    wav_path: str | None = None


@dataclass(frozen=True, slots=True)
class CallReport:
    """One call as the caller lived it. It succeeded when `failures` is empty."""

    call_sid: str
    stream_sid: str
    script: str
    verbs: tuple[str, ...]  # of the TwiML that answered the call
    webhook_ms: float | None  # wall time of the webhook
    ws_open_ms: float | None  # wall time from TwiML to 101
    first_audio_ms: float | None  # when the first media message came
    heard: tuple[Heard, ...]
    said: tuple[Spoken, ...]
    replies: tuple[Reply, ...]
    marks: tuple[MarkSeen, ...]
    clears: tuple[ClearSeen, ...]
    gaps: tuple[Gap, ...]
    ended_by: EndedBy
    ended_ms: float
    close_code: int | None  # of the socket, when the server closed it
    goodbye_heard: bool | None  # None when the server did not end the call
    unheard_ms: float  # speech that was still to be played at the end
    streams: tuple[StreamSeen, ...]  # more than one when the call was taken up again
    followed: tuple[str, ...]  # every verb that was acted out, from the answer to the end
    clips: tuple[str, ...]  # addresses of what Twilio played to the caller
    transferred_to: str | None  # the number dialled in a transfer
    dial_status: str | None  # how that fared, in Twilio's words
    whispered: str | None  # to who picked up
    told_afterwards: tuple[str, ...]  # what Twilio said to the caller, with or without a stream
    fallback: str  # why Twilio turned to the number's Voice fallback; empty when it did not
    total_ms: float  # from the first ring to the last callback
    misbehaviour: str  # the name of what this call did that Twilio never does
    deeds: tuple[Deed, ...]  # what that was, and what the server did then
    schedule: Schedule
    violations: tuple[str, ...]
    error: str  # why the call broke off; empty when it did not
    failures: tuple[str, ...]
    wav_path: str | None

    @property
    def ok(self) -> bool:
        return not self.failures

    @property
    def afterwards(self) -> tuple[str, ...]:
        """Of the verbs followed, what came after the first stream; all when there was none."""
        first = self.followed.index(STREAM) + 1 if STREAM in self.followed else 0
        return self.followed[first:]

    @property
    def longest_gap_ms(self) -> float:
        """The longest time the buffer ran dry inside an utterance; 0 when it never did."""
        return max((gap.length_ms for gap in self.gaps), default=0.0)

    @property
    def longest_gap_in_speech_ms(self) -> float:
        """The longest of those gaps that cut words apart."""
        return max((gap.length_ms for gap in self.gaps if gap.in_speech), default=0.0)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self) | {
            "ok": self.ok,
            "afterwards": self.afterwards,
            "longest_gap_ms": self.longest_gap_ms,
            "longest_gap_in_speech_ms": self.longest_gap_in_speech_ms,
        }
