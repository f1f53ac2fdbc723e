"""A recording written down: its words, and when each is said."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from catalog import mulaw
from catalog.snapshot import WordTiming
from catalog.speech.alignment import aligned
from catalog.speech.errors import SpeechError, UnreadableAnswer
from catalog.speech.vendor import DEADLINE_SECONDS, ask
from catalog.speech.vendor_words import word_timings
from catalog.wav_response import to_wav

if TYPE_CHECKING:
    from cartesia import Cartesia

BATCH_MODEL = "ink-whisper"  # the only family that takes whole recordings; others only streams


@dataclass(frozen=True, slots=True)
class Transcript:
    """`words` are those of `text`, with their times in the recording; or none."""

    text: str
    words: tuple[WordTiming, ...]


def transcribe(
    audio: bytes, *, language: str, deadline_seconds: float = DEADLINE_SECONDS
) -> Transcript:
    """`audio` is a clip's mu-law, 8,000 bytes a second; `language` is an agent's, such as "pt-BR".

    Blocks for up to `deadline_seconds`. Raises SpeechError, also when no words are heard.
    """
    job = functools.partial(_written_down, to_wav(audio), language.split("-")[0])
    heard = ask("transcribing a recording", job, deadline_seconds)
    if not heard.text:
        raise SpeechError(_("No words were heard in this recording. Type them yourself."))
    words = aligned(heard.words, heard.text, duration_ms=mulaw.duration_ms(audio))
    return Transcript(heard.text, words)


def _written_down(wav: bytes, language: str, client: "Cartesia") -> Transcript:
    model = settings.CARTESIA_STT_MODEL
    try:
        answer = client.stt.transcribe(
            file=("clip.wav", wav, "audio/wav"),
            model=model if model.startswith(BATCH_MODEL) else BATCH_MODEL,
            language=language,
            timestamp_granularities=["word"],
        )
        text = " ".join(answer.text.split())
        words = answer.words or []
        timings = word_timings(
            [word.word for word in words],
            [word.start for word in words],
            [word.end for word in words],
        )
    # The SDK checks no answer, and gives a page of HTML back as a string.
    except (AttributeError, TypeError, ValueError) as error:
        raise UnreadableAnswer("The transcript makes no sense.") from error
    return Transcript(text, tuple(timings))
