"""Text in, speech out, sentence by sentence, off the event loop."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

from rehearsal.providers.memo import Memo
from rehearsal.providers.pcm import Pcm
from rehearsal.providers.voices.voice import Voice
from rehearsal.providers.worker import Worker

SECONDS_PER_CHARACTER = 0.06  # how long it sounds; the work takes a fraction of that
WORK_PER_SECOND = 0.1
REMEMBERED = 64  # at 8 kHz some 6 MB
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


@dataclass(frozen=True, slots=True, eq=False)
class SpokenSentence:
    text: str
    audio: Pcm


class Speaker:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._worker = Worker("voice", voice.threads)
        self._known: Memo[tuple[str, str, int], Pcm] = Memo(REMEMBERED)

    @property
    def name(self) -> str:
        return self._voice.name

    async def speak(self, text: str, language: str, rate: int) -> AsyncIterator[SpokenSentence]:
        for sentence in sentences(text):
            audio = await self._known.get(
                (sentence, language, rate), partial(self._work, sentence, language, rate)
            )
            yield SpokenSentence(sentence, audio)

    async def _work(self, sentence: str, language: str, rate: int) -> Pcm:
        expected = len(sentence) * SECONDS_PER_CHARACTER * WORK_PER_SECOND
        return await self._worker.run(expected, partial(self._speak, sentence, language, rate))

    def _speak(self, sentence: str, language: str, rate: int) -> Pcm:
        return self._voice.speak(sentence, language).at_rate(rate)

    async def close(self) -> None:
        await self._known.close()
        self._worker.close()


def sentences(text: str) -> list[str]:
    """Control characters become spaces: a null stops Piper."""
    printable = _CONTROL.sub(" ", text)
    return [part for part in (part.strip() for part in _SENTENCE_END.split(printable)) if part]
