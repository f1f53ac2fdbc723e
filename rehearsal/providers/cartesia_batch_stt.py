"""Cartesia's speech-to-text for a whole recording: one request with a file, one transcript."""

import asyncio
import io
import time
import uuid
import wave
from dataclasses import dataclass

from aiohttp import web

from rehearsal.providers.backstage import BACKSTAGE
from rehearsal.providers.faults import Provider
from rehearsal.providers.pcm import Pcm
from rehearsal.providers.vendor_errors import vendor_error

LONGEST_SECONDS = 120
BYTES_PER_SAMPLE = 2


class BadRecording(Exception):
    """The message is for the client."""


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    audio: Pcm
    language: str


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_post("/stt", transcribe)


async def transcribe(request: web.Request) -> web.Response:
    """No word times, though they may be asked for: neither ears know when a word was said."""
    backstage = request.app[BACKSTAGE]
    started_at = time.monotonic()
    try:
        asked = await parse_transcription(request)
    except BadRecording as error:
        return vendor_error(Provider.STT, 400, str(error))
    text = await backstage.ears.new_ear(asked.language).understand(
        _at_known_rate(asked.audio, backstage.ears.rates)
    )
    least = backstage.latency.stt_final_ms / 1000
    await asyncio.sleep(max(0.0, started_at + least - time.monotonic()))
    return web.json_response(
        {
            "type": "transcript",
            "is_final": True,
            "text": text,
            "language": asked.language,
            "duration": round(asked.audio.seconds, 3),
            "request_id": str(uuid.uuid4()),
        }
    )


async def parse_transcription(request: web.Request) -> TranscriptionRequest:
    """Raises BadRecording."""
    try:
        fields = await request.post()
    except ValueError:
        raise BadRecording("The body has to be multipart/form-data.") from None
    file = fields.get("file")
    if not isinstance(file, web.FileField):
        raise BadRecording("file is missing.")
    if not fields.get("model"):
        raise BadRecording("model is missing.")
    return TranscriptionRequest(_samples(file.file.read()), str(fields.get("language") or "en"))


def _samples(data: bytes) -> Pcm:
    try:
        with wave.open(io.BytesIO(data)) as reader:
            channels, width = reader.getnchannels(), reader.getsampwidth()
            rate, frames = reader.getframerate(), reader.getnframes()
            if (channels, width) != (1, BYTES_PER_SAMPLE) or rate <= 0:
                raise BadRecording("This stand-in reads mono 16-bit WAV only.")
            if frames > LONGEST_SECONDS * rate:
                raise BadRecording(f"This stand-in hears {LONGEST_SECONDS} seconds at most.")
            return Pcm.from_bytes(reader.readframes(frames), rate)
    except (wave.Error, EOFError) as error:
        raise BadRecording(
            f"This stand-in reads WAV only: {error or 'the file is cut off'}."
        ) from None


def _at_known_rate(audio: Pcm, rates: tuple[int, ...]) -> Pcm:
    return audio if audio.rate in rates else audio.at_rate(max(rates))
