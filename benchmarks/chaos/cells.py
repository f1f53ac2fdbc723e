"""The cells of the table: a provider, what it does wrong, and towards whom. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.chaos.set_up import VOICE

# What the page calls them.
PROVIDERS = {
    "llm": "the model",
    "stt": "speech recognition",
    "tts": "the voice",
    "supabase": "the customer directory",
    "twilio": "Twilio's REST API",
}
SLOW_MS, ROOM_FOR = 1_500, 3
FAULTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "limited": ("429", {}),
    "error500": ("500", {}),
    "refuse": ("503, refuses", {}),
    "silent": ("accepts, then nothing", {}),
    "slow": ("first byte 1.5 s late", {"ms": SLOW_MS}),
    "drop": ("cut in mid-answer", {}),
    "garbage": ("nonsense", {}),
    "error": ("its own error message", {}),
    "most": (f"{ROOM_FOR} connections at most", {}),
}
# These strike who connects; a call that is in progress over an open socket is not concerned.
AT_THE_DOOR = frozenset({"limited", "error500", "refuse", "most"})
SOCKETS = frozenset({"stt", "tts"})


@dataclass(frozen=True, slots=True)
class Cell:
    provider: str
    fault: str

    @property
    def name(self) -> str:
        return f"{self.provider} {self.fault}"

    @property
    def words(self) -> tuple[str, str]:
        return PROVIDERS[self.provider], FAULTS[self.fault][0]

    def faults(self) -> dict[str, Any]:
        """What is PUT to /rehearsal/faults."""
        if self.fault == "most":
            return {self.provider: {"most": ROOM_FOR}}
        trouble = {"fault": self.fault, **FAULTS[self.fault][1]}
        if self.provider == "tts" and self.fault not in AT_THE_DOOR:
            trouble["voice"] = VOICE  # of the agent whose calls are concerned
        return {self.provider: trouble}

    @property
    def who_else_talks(self) -> str:
        """Which conversations on the other agent are not involved: `from before` those that were
        in progress, `also later` those that begin meanwhile, too; empty: none.
        """
        if self.provider in {"supabase", "twilio"}:
            return "also later"
        if self.provider == "tts" and self.fault not in AT_THE_DOOR:
            return "also later"
        if self.provider in SOCKETS and self.fault in AT_THE_DOOR:
            return "from before"
        return ""


ALL = tuple(Cell(provider, fault) for provider in PROVIDERS for fault in FAULTS)
