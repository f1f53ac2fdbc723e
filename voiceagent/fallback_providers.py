"""Who takes over when a provider is lost: another model, another voice, another address."""

from dataclasses import dataclass, field

from voiceagent.env import text, url

HTTP, SOCKET = ("https", "http"), ("wss", "ws")


@dataclass(frozen=True, slots=True)
class FallbackModel:
    model: str
    base_url: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FallbackSpeech:
    model: str
    base_url: str
    voice_id: str  # empty: the agent's own; speech recognition has none
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Usual:
    """Of the usual providers: what a fallback does not name, it has of them."""

    llm_model: str
    llm_base_url: str
    llm_key: str = field(repr=False)
    stt_model: str = ""
    tts_model: str = ""
    speech_base_url: str = ""
    speech_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """None where nothing is named: then there is no fallback."""

    llm: FallbackModel | None
    stt: FallbackSpeech | None
    tts: FallbackSpeech | None


def fallbacks(usual: Usual) -> Fallbacks:
    speech_url = url("CARTESIA_FALLBACK_BASE_URL", default=usual.speech_base_url, schemes=SOCKET)
    speech_key = text("CARTESIA_FALLBACK_API_KEY", default=usual.speech_key)
    elsewhere = bool(text("CARTESIA_FALLBACK_BASE_URL"))
    stt_model, tts_model = text("CARTESIA_FALLBACK_STT_MODEL"), text("CARTESIA_FALLBACK_TTS_MODEL")
    voice_id = text("CARTESIA_FALLBACK_VOICE_ID")
    return Fallbacks(
        llm=_llm(usual),
        stt=FallbackSpeech(stt_model or usual.stt_model, speech_url, "", speech_key)
        if stt_model or elsewhere
        else None,
        tts=FallbackSpeech(tts_model or usual.tts_model, speech_url, voice_id, speech_key)
        if tts_model or voice_id or elsewhere
        else None,
    )


def _llm(usual: Usual) -> FallbackModel | None:
    model, elsewhere = text("OPENAI_FALLBACK_MODEL"), text("OPENAI_FALLBACK_BASE_URL")
    if not (model or elsewhere):
        return None
    return FallbackModel(
        model or usual.llm_model,
        url("OPENAI_FALLBACK_BASE_URL", default=usual.llm_base_url, schemes=HTTP),
        text("OPENAI_FALLBACK_API_KEY", default=usual.llm_key),
    )
