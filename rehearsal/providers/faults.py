"""Which stand-in misbehaves, how, towards whom and how often. Pure."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum

SLOW_MS = 1_000.0
PIECES_BEFORE_A_DROP = 1


class Provider(StrEnum):
    STT = "stt"
    TTS = "tts"
    LLM = "llm"
    TWILIO = "twilio"
    SUPABASE = "supabase"


class Fault(StrEnum):
    REFUSE = "refuse"  # HTTP 503, for a socket before it is upgraded
    UNAUTHORIZED = "unauthorized"  # HTTP 401, likewise: a key that is not known
    LIMITED = "limited"  # HTTP 429, likewise: over the rate or the plan
    ERROR500 = "error500"  # HTTP 500, likewise
    SILENT = "silent"  # accepted, and then nothing
    SLOW = "slow"  # the first byte of the answer is late
    DROP = "drop"  # the connection is cut in the middle of the answer
    GARBAGE = "garbage"  # an answer that makes no sense
    ERROR = "error"  # the vendor's own error message


REFUSALS = {
    Fault.REFUSE: (503, "Service unavailable"),
    Fault.UNAUTHORIZED: (401, "Unauthorized"),
    Fault.LIMITED: (429, "Too many requests"),
    Fault.ERROR500: (500, "Internal error"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one provider does wrong. Without `times` it strikes everybody."""

    fault: Fault
    times: int | None = None
    model: str = ""  # strikes requests for this model alone
    voice: str = ""  # likewise
    ms: float = SLOW_MS  # how late a slow first byte is
    after: int = (
        PIECES_BEFORE_A_DROP  # tokens, chunks of audio or transcripts that come before a drop
    )

    @property
    def is_narrow(self) -> bool:
        return bool(self.model or self.voice)

    def concerns(self, model: str, voice: str) -> bool:
        return self.model in ("", model) and self.voice in ("", voice)


class Faults:
    """All that is switched on, and whom it has struck so far.

    `most` are how many sockets and requests of a provider may be open at once.
    """

    def __init__(
        self,
        by_provider: Mapping[Provider, Trouble] | None = None,
        most: Mapping[Provider, int] | None = None,
    ) -> None:
        self.most = dict(most or {})
        self._by_provider = dict(by_provider or {})
        self._struck: dict[Provider, set[Hashable]] = {}

    def of(self, provider: Provider) -> Trouble | None:
        return self._by_provider.get(provider)

    def strike(
        self, provider: Provider, victim: Hashable, *, model: str = "", voice: str = ""
    ) -> Trouble | None:
        """What befalls this request, connection or context. Who was struck once stays struck."""
        trouble = self._by_provider.get(provider)
        if trouble is None or not trouble.concerns(model, voice):
            return None
        if trouble.times is None:
            return trouble
        struck = self._struck.setdefault(provider, set())
        if victim not in struck:
            if len(struck) >= trouble.times:
                return None
            struck.add(victim)
        return trouble

    def document(self) -> dict[str, str]:
        """Each provider's fault by its name, for people to read."""
        return {provider: trouble.fault for provider, trouble in self._by_provider.items()}
