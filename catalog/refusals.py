"""Which recordings cannot become a clip, as the decoding process tells the serving one."""

from dataclasses import dataclass
from enum import StrEnum

LARGEST_BYTES = 10_000_000
LONGEST_SECONDS = 60


class Reason(StrEnum):
    EMPTY = "empty"
    TOO_LARGE = "too large"
    TOO_LONG = "too long"
    CLAIMS_TOO_LONG = "claims too long"  # by its header; how long it really is was not tried
    SILENT = "silent"
    NOT_AUDIO = "not audio"
    NO_AUDIO_STREAM = "no audio stream"
    UNUSUAL_CODING = "unusual coding"
    UNUSUAL_RATE = "unusual rate"
    CUT_OFF = "cut off"
    DAMAGED = "damaged"
    TOO_SLOW = "too slow"
    TOO_MUCH_MEMORY = "too much memory"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`declared_seconds` and `read_seconds` are 0 where they are not known."""

    reason: Reason
    declared_seconds: float = 0.0
    read_seconds: float = 0.0
    sample_rate: int = 0


class Refused(Exception):
    """This recording cannot become a clip."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason.value)
        self.refusal = refusal


def refused(
    reason: Reason,
    *,
    declared_seconds: float = 0.0,
    read_seconds: float = 0.0,
    sample_rate: int = 0,
) -> Refused:
    return Refused(Refusal(reason, declared_seconds, read_seconds, sample_rate))
