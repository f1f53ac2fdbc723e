"""Which stand-in misbehaves, and how. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rehearsal.providers.errors import ProvidersError


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
    SILENT = "silent"  # accepted, and then nothing
    ERROR = "error"  # the vendor's own error message


@dataclass(frozen=True, slots=True)
class Faults:
    by_provider: Mapping[Provider, Fault]

    def of(self, provider: Provider) -> Fault | None:
        return self.by_provider.get(provider)


NO_FAULTS = Faults({})


def parse_faults(document: object) -> Faults:
    """Who is not named is well; so is who is named with null."""
    if not isinstance(document, Mapping):
        raise ProvidersError("Faults are a JSON object such as {'stt': 'refuse'}.")
    try:
        return Faults(
            {
                Provider(str(name)): Fault(str(fault))
                for name, fault in document.items()
                if fault is not None
            }
        )
    except ValueError as error:
        raise ProvidersError(
            f"{error}. Providers: {', '.join(Provider)}. Faults: {', '.join(Fault)}."
        ) from None
