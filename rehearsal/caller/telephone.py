"""What of a call outlives its streams: who telephones, what is heard and said, and the clock."""

import time
from dataclasses import dataclass, field

from rehearsal.caller.conduct import Conduct
from rehearsal.caller.deeds import Deeds
from rehearsal.caller.listening import Listening
from rehearsal.caller.microphone import Microphone
from rehearsal.caller.person import Person
from rehearsal.caller.rest_side import RestSide
from rehearsal.caller.side_deeds import SideDeeds


@dataclass
class Telephone:
    """Times count in ms from the first stream's start; before it, it is 0."""

    person: Person
    rest_side: RestSide
    conduct: Conduct
    deeds: Deeds
    side_deeds: SideDeeds
    listening: Listening
    microphone: Microphone = field(default_factory=Microphone)
    lags_ms: list[float] = field(default_factory=list)
    started_at: float | None = None  # monotonic seconds

    def start(self) -> None:
        self.started_at = time.monotonic()

    def now_ms(self) -> float:
        return self.ms_at(time.monotonic())

    def ms_at(self, moment: float) -> float:
        return 0.0 if self.started_at is None else (moment - self.started_at) * 1000
