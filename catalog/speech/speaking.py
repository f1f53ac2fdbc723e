"""A typed sentence as a recording, spoken by an agent's voice."""

import base64
import functools
import io
import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.snapshot import WordTiming
from catalog.speech.alignment import aligned
from catalog.speech.errors import RefusedMidway, SpeechError, UnreadableAnswer
from catalog.speech.vendor import DEADLINE_SECONDS, ask
from catalog.speech.vendor_words import word_timings

if TYPE_CHECKING:
    from cartesia import Cartesia
    from cartesia.types.tts_sse_event import TTSSSEEvent

LONGEST_TEXT = 1_000  # characters: about a minute
SAMPLE_RATE: Final = 24_000  # more would only take longer: a telephone ends at 4 kHz
BYTES_PER_SAMPLE = 2
MOST_BYTES = 300 * SAMPLE_RATE * BYTES_PER_SAMPLE  # five minutes: no voice is that slow


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """`wav` is 24 kHz mono 16-bit. `words` are those of the text, or none: times of the WAV."""

    wav: bytes
    words: tuple[WordTiming, ...]


def speak(
    text: str, *, voice_id: str, language: str, deadline_seconds: float = DEADLINE_SECONDS
) -> SpokenSentence:
    """An empty `voice_id` is CARTESIA_VOICE_ID; `language` is an agent's, such as "pt-BR".

    Blocks for up to `deadline_seconds`. Raises SpeechError.
    """
    sentence = " ".join(text.split())
    if not sentence:
        raise SpeechError(_("Type the sentence that is to be spoken."))
    if len(sentence) > LONGEST_TEXT:
        raise SpeechError(
            _("The text has %(count)d characters. At most %(most)d can be spoken at a time.")
            % {"count": len(sentence), "most": LONGEST_TEXT}
        )
    voice = voice_id or settings.CARTESIA_VOICE_ID
    job = functools.partial(_spoken, sentence, voice, language)
    speech = ask("speaking a sentence", job, deadline_seconds)
    if not speech.audio:
        raise SpeechError(_("The voice had nothing to say. Type words, not only signs."))
    duration_ms = len(speech.audio) * 1000 // (SAMPLE_RATE * BYTES_PER_SAMPLE)
    words = aligned(speech.words, sentence, duration_ms=duration_ms)
    return SpokenSentence(_to_wav(bytes(speech.audio)), words)


class _Speech:
    """What has come of the answer so far."""

    def __init__(self) -> None:
        self.audio = bytearray()
        self.words: list[WordTiming] = []
        self.is_done = False

    def take(self, event: "TTSSSEEvent") -> None:
        if event.type == "chunk":
            self.audio += base64.b64decode(event.data, validate=True)
            if len(self.audio) > MOST_BYTES:
                raise UnreadableAnswer("The speech does not end.")
        elif event.type == "timestamps":
            times = event.word_timestamps
            self.words += word_timings(times.words, times.start, times.end)
        elif event.type == "error":
            raise RefusedMidway(int(event.status_code), str(event.error_code), event.request_id)
        elif event.type == "done":
            self.is_done = True


def _spoken(sentence: str, voice: str, language: str, client: "Cartesia") -> _Speech:
    """As server-sent events: of the two plain HTTP endpoints, the one that tells word times."""
    speech = _Speech()
    try:
        with client.tts.generate_sse(
            model_id=settings.CARTESIA_TTS_MODEL,
            transcript=sentence,
            voice={"id": voice},
            language=language,
            output_format={
                "container": "raw",
                "encoding": "pcm_s16le",
                "sample_rate": SAMPLE_RATE,
            },
            add_timestamps=True,
        ) as events:
            for event in events:
                speech.take(event)
                if speech.is_done:
                    return speech
    # The SDK checks no event: what is missing is noticed where it is used.
    except (AttributeError, TypeError, ValueError) as error:
        raise UnreadableAnswer("An event makes no sense.") from error
    raise UnreadableAnswer("The speech was cut off.")


def _to_wav(pcm16: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(BYTES_PER_SAMPLE)
        wav.setframerate(SAMPLE_RATE)
        wav.writeframes(pcm16)
    return file.getvalue()
