"""One voice for English, another for every other language."""

from rehearsal.providers.pcm import Pcm
from rehearsal.providers.voices.voice import Voice


class ByLanguage:
    def __init__(self, english: Voice, other: Voice) -> None:
        self._english = english
        self._other = other

    @property
    def name(self) -> str:
        return f"{self._english.name}, {self._other.name} for other languages"

    @property
    def threads(self) -> int:
        return self._english.threads

    def speak(self, sentence: str, language: str) -> Pcm:
        is_english = language.lower().split("-")[0] == "en"
        return (self._english if is_english else self._other).speak(sentence, language)
