"""What a client sends to Cartesia's text-to-speech, checked. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

LEAST_RATE, MOST_RATE = 8_000, 48_000
DEFAULT_BUFFER_DELAY_MS = 3_000
MOST_BUFFER_DELAY_MS = 5_000


class BadSpeechRequest(Exception):
    """The message is for the client; `context_id` is there if the request had one."""

    def __init__(self, message: str, context_id: str | None = None) -> None:
        super().__init__(message)
        self.context_id = context_id


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    context_id: str
    transcript: str
    language: str
    rate: int
    container: str = "raw"
    more: bool = False  # `continue`: further transcripts belong to the same speech
    cancel: bool = False
    flush: bool = False
    timestamps: bool = False
    buffer_delay_ms: int = DEFAULT_BUFFER_DELAY_MS
    model: str = ""
    voice: str = ""  # its id


def parse_json(text: str) -> Mapping[str, object]:
    try:
        document = json.loads(text)
    except ValueError:
        raise BadSpeechRequest("The message is not JSON.") from None
    if not isinstance(document, Mapping):
        raise BadSpeechRequest("The message has to be a JSON object.")
    return document


def parse_message(document: Mapping[str, object]) -> SpeechRequest:
    """One message of the socket."""
    context_id = document.get("context_id")
    if not isinstance(context_id, str) or not context_id:
        raise BadSpeechRequest("context_id is missing.")
    if document.get("cancel"):
        return SpeechRequest(context_id, "", "", LEAST_RATE, cancel=True)
    return parse_speech(document, context_id)


def parse_speech(document: Mapping[str, object], context_id: str) -> SpeechRequest:
    transcript = document.get("transcript")
    if not isinstance(transcript, str):
        raise BadSpeechRequest("transcript is missing.", context_id)
    if not isinstance(document.get("model_id"), str):
        raise BadSpeechRequest("model_id is missing.", context_id)
    voice = document.get("voice")
    if not isinstance(voice, Mapping):
        raise BadSpeechRequest("voice is missing.", context_id)
    container, rate = _output_format(document.get("output_format"), context_id)
    delay = document.get("max_buffer_delay_ms", DEFAULT_BUFFER_DELAY_MS)
    if not isinstance(delay, int) or not 0 <= delay <= MOST_BUFFER_DELAY_MS:
        raise BadSpeechRequest("max_buffer_delay_ms is from 0 to 5000.", context_id)
    return SpeechRequest(
        context_id=context_id,
        transcript=transcript,
        language=str(document.get("language") or "en"),
        rate=rate,
        container=container,
        more=bool(document.get("continue")),
        flush=bool(document.get("flush")),
        timestamps=bool(document.get("add_timestamps")),
        buffer_delay_ms=delay,
        model=str(document["model_id"]),
        voice=str(voice.get("id") or ""),
    )


def _output_format(found: object, context_id: str) -> tuple[str, int]:
    if not isinstance(found, Mapping):
        raise BadSpeechRequest("output_format is missing.", context_id)
    container, rate = found.get("container"), found.get("sample_rate")
    if container not in ("raw", "wav") or found.get("encoding") != "pcm_s16le":
        raise BadSpeechRequest("This stand-in speaks raw or wav pcm_s16le only.", context_id)
    if not isinstance(rate, int) or not LEAST_RATE <= rate <= MOST_RATE:
        raise BadSpeechRequest("sample_rate is from 8000 to 48000.", context_id)
    return str(container), rate
