"""What all stand-ins share: settings that tests change, the log, the calls, ears and voice."""

from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from rehearsal.providers.config import ProvidersConfig
from rehearsal.providers.ears.recogniser import Recogniser
from rehearsal.providers.faults import Faults
from rehearsal.providers.latency import Latency
from rehearsal.providers.sent_messages import SentMessage
from rehearsal.providers.tables import Tables
from rehearsal.providers.traffic import Traffic
from rehearsal.providers.twilio_calls import TwilioCalls
from rehearsal.providers.voices.speaker import Speaker
from rehearsal.providers.wire_log import WireLog

MOST_MESSAGES = 1_000


@dataclass
class Backstage:
    config: ProvidersConfig
    ears: Recogniser
    speaker: Speaker
    latency: Latency
    faults: Faults = field(default_factory=Faults)
    gullible: bool = False  # which of the two scripted models answers
    log: WireLog = field(default_factory=WireLog)
    traffic: Traffic = field(default_factory=Traffic)
    calls: TwilioCalls = field(default_factory=TwilioCalls)
    tables: Tables = field(default_factory=Tables)
    messages: deque[SentMessage] = field(default_factory=lambda: deque(maxlen=MOST_MESSAGES))

    def reset(self) -> None:
        """As at the start, but for the calls: some may still be ending."""
        self.latency = self.config.latency
        self.faults = Faults()
        self.gullible = False
        self.tables.clear()
        self.messages.clear()
        self.log.clear()
        self.traffic.count_anew()


BACKSTAGE = web.AppKey("backstage", Backstage)
