"""What a simulated person does on the telephone, step by step. Pure data."""

from dataclasses import dataclass
from typing import Literal

from rehearsal.caller.conduct import TWILIO, Conduct
from rehearsal.caller.misdeeds import CloseWithoutStop, Misdeed
from rehearsal.speech import Line

DEFAULT_FROM_NUMBER = "+351200000001"
DEFAULT_TO_NUMBER = "+351200000000"


@dataclass(frozen=True, slots=True)
class WaitForAgent:
    """Wait until the agent begins to speak, or has been silent for `silence_ms` after speaking.

    Only speech that is heard after the caller's last line began counts, and after the last
    WaitForAgent("finished"), and none that was cut off by an interruption.
    """

    until: Literal["started", "finished"]
    deadline_seconds: float = 20.0
    silence_ms: float = 700.0  # less is taken for a breath


@dataclass(frozen=True, slots=True)
class Hear:
    """Listen to the agent's current speech until it has lasted so long; then one may interrupt."""

    seconds: float
    deadline_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Pause:
    """Stay silent."""

    ms: float


@dataclass(frozen=True, slots=True)
class Speak:
    """Say a line: one that ships with the project, by name, or any other audio.

    With `interrupting`, the call fails unless the agent is cut off by it.
    """

    line: str | Line
    interrupting: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """Press a key of the telephone."""

    digit: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """Put the telephone down."""


@dataclass(frozen=True, slots=True)
class LoseTheLine:
    """The connection between Twilio and the server breaks (RST), without a word.

    What follows in the script is done when the server takes the call up again.
    """


@dataclass(frozen=True, slots=True)
class WaitForHangup:
    """Wait until the other side ends the call."""

    deadline_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The call is answered without a stream: by a clip, a sentence, a transfer. The only step."""


Step = (
    WaitForAgent
    | Hear
    | Pause
    | Speak
    | Press
    | HangUp
    | LoseTheLine
    | CloseWithoutStop
    | WaitForHangup
    | TurnedAway
    | Misdeed
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """How a transfer fares. Who does not bridge picks up, hears the whisper, and hangs up."""

    status: Literal["completed", "busy", "no-answer", "failed", "canceled"] = "completed"
    bridges: bool = True
    talks_seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class CallScript:
    """One call. A caller whose steps run out hangs up; `colleague` takes it when transferred.

    `conduct` is how Twilio's side of it departs from Twilio, and `misbehaviour` the name of that.
    """

    name: str
    steps: tuple[Step, ...]
    from_number: str = DEFAULT_FROM_NUMBER
    to_number: str = DEFAULT_TO_NUMBER
    limit_seconds: float = 120.0
    colleague: Colleague = Colleague()
    conduct: Conduct = TWILIO
    misbehaviour: str = ""
