"""What Twilio never does, as steps of a script. Pure data.

`server` says what is right of the server after such a step: it goes on, it ends the call, or
either. `words` is what is done, for the report. `lasts_ms` is how long the step takes; one after
which the server has to end the call waits for that, `deadline_seconds` at most.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from rehearsal.caller.hostile_messages import hostile_messages

Server = Literal["goes on", "may end", "ends"]
Token = Literal["own", "of another call", "made up", "none"]
SecondToken = Literal["replayed", "fresh"] | Token
FRAME_MS = 20.0
_SPOILT = {
    "lost": "frames were lost, and their numbers jumped",
    "twice": "each frame came twice",
    "shuffled": "frames came in another order",
}


@dataclass(frozen=True, slots=True)
class CloseWithoutStop:
    """The socket is closed politely, and no `stop` was sent."""

    code: int = 1000


@dataclass(frozen=True, slots=True)
class StopAndStay:
    """`stop` is sent, and frames go on coming over a socket that stays open."""

    deadline_seconds: float = 5.0
    server: ClassVar[Server] = "ends"
    lasts_ms: ClassVar[float] = 0.0

    @property
    def words(self) -> str:
        return "`stop` was sent, and frames went on over an open socket"


@dataclass(frozen=True, slots=True)
class GoHalfOpen:
    """Nothing is sent or read any more, not even a ping; the TCP connection stays."""

    deadline_seconds: float = 15.0
    server: ClassVar[Server] = "ends"
    lasts_ms: ClassVar[float] = 0.0

    @property
    def words(self) -> str:
        return "nothing was sent or read any more, over an open connection"


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing passes for so long; then everything that was kept, in one burst."""

    seconds: float = 3.0
    server: ClassVar[Server] = "goes on"

    @property
    def lasts_ms(self) -> float:
        return self.seconds * 1000

    @property
    def words(self) -> str:
        return f"nothing passed for {self.seconds:g} s, then everything at once"


@dataclass(frozen=True, slots=True)
class SpoilFrames:
    """For so long, frames are lost (their numbers jump), come twice, or in another order."""

    how: Literal["lost", "twice", "shuffled"]
    lasts_ms: float = 1_000.0
    server: Server = "goes on"

    @property
    def words(self) -> str:
        return f"for {self.lasts_ms:.0f} ms {_SPOILT[self.how]}"


@dataclass(frozen=True, slots=True)
class SendHostile:
    """Messages of hostile_messages.py between the frames, one every 20 ms; none named: all."""

    names: tuple[str, ...] = ()
    server: Server = "goes on"

    @property
    def lasts_ms(self) -> float:
        return FRAME_MS * (1 + (len(self.names) or len(hostile_messages(""))))

    @property
    def words(self) -> str:
        return f"hostile messages: {', '.join(self.names) or 'all of them'}"


@dataclass(frozen=True, slots=True)
class SendOversize:
    """One well-formed media message of exactly so many bytes."""

    size_bytes: int
    server: Server = "may end"
    lasts_ms: ClassVar[float] = 100.0

    @property
    def words(self) -> str:
        return f"a frame of {self.size_bytes} bytes"


@dataclass(frozen=True, slots=True)
class SendBinary:
    """One binary frame; Twilio sends text alone. As text, it is text that is no UTF-8."""

    data: bytes = b"\x00\xff" * 80
    as_text: bool = False
    server: Server = "goes on"
    lasts_ms: ClassVar[float] = 100.0

    @property
    def words(self) -> str:
        return "a text frame that is no UTF-8" if self.as_text else "a binary frame"


@dataclass(frozen=True, slots=True)
class Flood:
    """Frames of silence far faster than life."""

    seconds: float = 1.0
    frames_per_second: int = 10_000
    server: ClassVar[Server] = "may end"

    @property
    def lasts_ms(self) -> float:
        return self.seconds * 1000

    @property
    def words(self) -> str:
        return f"{self.frames_per_second} frames a second for {self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class OnlyListen:
    """The caller stays on the line and says nothing."""

    seconds: float = 20.0
    server: ClassVar[Server] = "may end"

    @property
    def lasts_ms(self) -> float:
        return self.seconds * 1000

    @property
    def words(self) -> str:
        return f"nothing was said for {self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class OpenAnotherSocket:
    """A second socket for the same call, while the first goes on.

    With the token that is used up, a fresh one (the webhook is rung again for it), or another.
    """

    token: SecondToken = "replayed"
    foreign_account: bool = False
    deadline_seconds: float = 3.0  # for the server to close it
    server: Server = "goes on"  # or prefers the newest stream of a call
    lasts_ms: ClassVar[float] = 0.0

    @property
    def words(self) -> str:
        account = ", for a foreign account" if self.foreign_account else ""
        return f"a second socket, with a token that is {self.token}{account}"


@dataclass(frozen=True, slots=True)
class RepeatWebhook:
    """The webhook comes again for a call that is in progress."""

    server: ClassVar[Server] = "goes on"
    lasts_ms: ClassVar[float] = 0.0

    @property
    def words(self) -> str:
        return "the webhook came again"


@dataclass(frozen=True, slots=True)
class TellStatus:
    """A status callback in the middle of the call."""

    status: str = "completed"
    server: ClassVar[Server] = "goes on"
    lasts_ms: ClassVar[float] = 0.0

    @property
    def words(self) -> str:
        return f"the status {self.status} was told in the middle of the call"


Misdeed = (
    StopAndStay
    | GoHalfOpen
    | Stall
    | SpoilFrames
    | SendHostile
    | SendOversize
    | SendBinary
    | Flood
    | OnlyListen
    | OpenAnotherSocket
    | RepeatWebhook
    | TellStatus
)
