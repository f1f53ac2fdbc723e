"""What speaks a sentence."""

from typing import Protocol

from rehearsal.providers.pcm import Pcm


class VoiceError(Exception):
    """The voice could not speak this sentence; the message says why."""


class Voice(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def threads(self) -> int:
        """How many sentences it can speak at once."""
        ...

    def speak(self, sentence: str, language: str) -> Pcm:
        """Blocking; runs in a worker thread."""
        ...
