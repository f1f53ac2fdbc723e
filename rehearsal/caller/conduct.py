"""How a call departs from Twilio's ways from its beginning to its end. Pure data."""

from dataclasses import dataclass

from rehearsal.caller.misdeeds import Token


@dataclass(frozen=True, slots=True)
class Echo:
    """What plays at the caller's end comes back into the microphone, so much quieter and later."""

    level_db: float = -20.0
    delay_ms: float = 200.0


@dataclass(frozen=True, slots=True)
class Conduct:
    """The default departs in nothing."""

    starts: bool = True
    start_after_ms: float = 0.0
    frames_before_start: bool = False
    token: Token = "own"
    foreign_account: bool = False
    rings: int = 1  # webhooks for the one call; the last answer counts
    echoes_marks: bool = True
    asks_after_a_loss: bool = True  # the <Connect action>; else TwiML has to come over REST
    echo: Echo | None = None
    noise_db: float | None = None  # of the line, below full scale; None: digital silence
    statuses: tuple[str, ...] = ("completed",)  # callbacks after the end, in this order
    status_delay_seconds: float = 0.0

    @property
    def has_to_be_refused(self) -> bool:
        """Whether a server should close such a stream instead of answering it."""
        return not self.starts or self.foreign_account or self.token != "own"


TWILIO = Conduct()
