"""What does a call cost to make? Prices from the environment, in one currency; 0 is not known."""

from dataclasses import dataclass

from voiceagent.env import number, text

MOST = 100_000.0


@dataclass(frozen=True, slots=True)
class Prices:
    currency: str
    phone_minute: float
    stt_minute: float
    llm_input: float  # of a million tokens, like the next two
    llm_cached: float
    llm_output: float
    tts_1000: float  # of a thousand characters


def prices() -> Prices:
    return Prices(
        currency=text("PRICE_CURRENCY", default="USD"),
        phone_minute=number("PRICE_PER_MINUTE_PHONE", default=0, least=0, most=MOST),
        stt_minute=number("PRICE_STT_PER_MINUTE", default=0, least=0, most=MOST),
        llm_input=number("PRICE_LLM_INPUT", default=0, least=0, most=MOST),
        llm_cached=number("PRICE_LLM_CACHED", default=0, least=0, most=MOST),
        llm_output=number("PRICE_LLM_OUTPUT", default=0, least=0, most=MOST),
        tts_1000=number("PRICE_TTS_PER_1000", default=0, least=0, most=MOST),
    )
