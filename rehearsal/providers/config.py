"""How the offline providers are to run."""

from dataclasses import dataclass, field
from typing import Literal

from rehearsal.providers.latency import Latency

EarsChoice = Literal["auto", "moonshine", "typed"]
VoiceChoice = Literal["auto", "piper", "espeak", "tone"]


@dataclass(frozen=True, slots=True)
class ProvidersConfig:
    """Port 0 takes any free port. With an empty account, any non-empty credentials will do."""

    host: str = "127.0.0.1"
    port: int = 8090
    ears: EarsChoice = "auto"
    voice: VoiceChoice = "auto"
    account_sid: str = ""
    auth_token: str = ""
    latency: Latency = field(default_factory=Latency)
