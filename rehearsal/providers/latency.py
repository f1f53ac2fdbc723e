"""How slow the stand-ins pretend to be. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from rehearsal.providers.errors import ProvidersError

MAX_MS = 120_000


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds. Each is a least time: where the real work takes longer, nothing is added."""

    stt_connect_ms: float = 0.0
    stt_final_ms: float = 0.0  # from `finalize` to the transcript
    tts_connect_ms: float = 0.0
    tts_first_audio_ms: float = 0.0  # from a transcript to its first chunk
    llm_first_token_ms: float = 0.0
    llm_token_ms: float = 0.0  # between two tokens
    twilio_ms: float = 0.0
    supabase_ms: float = 0.0


LATENCY_NAMES = tuple(field.name for field in fields(Latency))


def parse_latency(document: object) -> Latency:
    """What is not named takes no time."""
    if not isinstance(document, Mapping):
        raise ProvidersError("Latency is a JSON object such as {'llm_first_token_ms': 300}.")
    unknown = set(document) - set(LATENCY_NAMES)
    if unknown:
        raise ProvidersError(
            f"There is no latency {sorted(map(str, unknown))[0]!r}. "
            f"There are: {', '.join(LATENCY_NAMES)}."
        )
    for name, value in document.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ProvidersError(f"{name} is a number of milliseconds.")
        if not 0 <= value <= MAX_MS:
            raise ProvidersError(f"{name} is from 0 to {MAX_MS} milliseconds.")
    return Latency(**{name: float(value) for name, value in document.items()})
