"""What the voice was asked to speak, and has not spoken yet."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Promise:
    """Of one context."""

    sent: list[str] = field(default_factory=list)  # words, of all its sentences
    heard: int = 0  # of them, as the vendor's word times tell
    sentences: int = 0
    sentences_done: int = 0
    is_closed: bool = False  # nothing more will be sent
    audio_bytes: int = 0  # that came, PCM
    began_seconds: float = 0.0  # of this audio, when it was asked for again: word times begin anew
    moved_at: float = 0.0  # monotonic
    unheard: list[dict[str, Any]] = field(default_factory=list)  # that came before any sound
    is_heard: bool = False  # something of it, since it was asked for

    def is_kept(self) -> bool:
        return self.heard >= len(self.sent) or self.sentences_done >= self.sentences

    def has_words(self) -> bool:
        return any(letter.isalnum() for word in self.sent for letter in word)
