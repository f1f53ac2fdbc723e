"""What is played when there is no clip for the moment: sentences that ship, and a tone below them.

Loaded with the catalog, so that nothing is read while somebody waits.
"""

import functools
import json
import logging
import math
from enum import StrEnum
from pathlib import Path

import numpy as np

from catalog import mulaw
from catalog.snapshot import ClipAudio

FOLDER = Path(__file__).parent
USUAL_LANGUAGE = "en"
NOT_IN_THE_CATALOG = 0  # the clip_id of what ships
TONE_HZ, TONE_MS, TONES, RATE = 425.0, 200, 3, 8_000

logger = logging.getLogger(__name__)


class Moment(StrEnum):
    """When something has to be said and the conversation cannot say it."""

    APOLOGY = "apology"  # it cannot go on, and the call ends
    COLLEAGUE = "colleague"  # it cannot go on, and the caller is put through to a person
    GOODBYE = "goodbye"  # a limit or a shutdown ends the call
    ONE_MOMENT = "one-moment"  # an answer takes longer than usual
    BACK = "back"  # the line was lost and is back; the model goes on
    GO_ON = "go-on"  # the same, and it is the caller's turn


def fallback(moment: Moment, language: str) -> ClipAudio:
    """The sentence in this language (BCP-47), or in English; a tone if its file is gone."""
    asked = language.lower()
    for known in (asked, asked.split("-")[0], USUAL_LANGUAGE):
        clip = _loaded().get((moment, known))
        if clip is not None:
            return clip
    return _tone(moment)


def of_moments(*moments: Moment) -> list[ClipAudio]:
    """In every language, and the tone: whatever `fallback` may answer for one of these."""
    spoken = [clip for (moment, _language), clip in _loaded().items() if moment in moments]
    return [*spoken, *(_tone(moment) for moment in moments)]


def prepare() -> None:
    """Read every file. What is missing or empty is said once, in the log."""
    _loaded()
    for moment in Moment:
        _tone(moment)


@functools.cache
def _loaded() -> dict[tuple[Moment, str], ClipAudio]:
    clips = {}
    try:
        texts = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        logger.exception("The spoken fallbacks cannot be read: a tone is played in their place.")
        return {}
    for language, sentences in texts.items():
        for name, text in sentences.items():
            try:
                audio = (FOLDER / f"{name}.{language}.ulaw").read_bytes()
            except OSError as error:
                logger.error("The spoken fallback %s.%s is gone: %s.", name, language, error)
                continue
            clips[Moment(name), language] = _clip(Moment(name), text, audio)
    return clips


@functools.cache
def _tone(moment: Moment) -> ClipAudio:
    """Three short beeps, as a telephone has them: somebody is there, and something is wrong."""
    at = np.arange(RATE * TONE_MS // 1_000) / RATE
    beep = 8_000 * np.sin(2 * math.pi * TONE_HZ * at) * np.hanning(at.size) ** 0.1
    beeps = np.tile(np.concatenate([beep, np.zeros_like(beep)]), TONES)
    return _clip(moment, "", mulaw.encode(beeps.astype("<i2").tobytes()))


def _clip(moment: Moment, text: str, audio: bytes) -> ClipAudio:
    padded = mulaw.pad_to_frame(audio)
    return ClipAudio(
        clip_id=NOT_IN_THE_CATALOG,
        name=moment,
        version=0,
        text=text,
        words=(),
        duration_ms=mulaw.duration_ms(padded),
        mulaw=padded,
        payloads=mulaw.payloads(padded),
    )
