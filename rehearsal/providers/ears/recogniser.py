"""What turns a caller's audio into text, one ear for each connection."""

from typing import Protocol

from rehearsal.providers.pcm import Pcm


class Ear(Protocol):
    """Listens to one connection. What it is given runs on: nothing twice, nothing left out."""

    async def understand(self, audio: Pcm) -> str:
        """The words of the audio since the last time; empty for silence."""
        ...


class Recogniser(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def rates(self) -> tuple[int, ...]:
        """The sample rates it understands."""
        ...

    def new_ear(self, language: str) -> Ear: ...

    async def close(self) -> None: ...
