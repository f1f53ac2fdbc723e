"""Typed ears: they know the clips that ship with the project, and no other speech."""

from rehearsal.providers.ears.clips import KnownClip, find_clips, known_clip
from rehearsal.providers.ears.mulaw import encode
from rehearsal.providers.pcm import Pcm
from rehearsal.speech import lines

MULAW_RATE = 8_000
KEPT_BYTES = 60 * MULAW_RATE


class KnownClipRecogniser:
    """Returns the text typed beside a clip. Mu-law reaches us unchanged, so finding it is exact."""

    name = "typed"
    rates = (MULAW_RATE,)  # resampled audio is not exact any more

    def __init__(self) -> None:
        self._clips = tuple(
            known_clip(line.name, line.text, line.audio) for line in lines().values()
        )

    def new_ear(self, language: str) -> "KnownClipEar":
        return KnownClipEar(self._clips)

    async def close(self) -> None:
        """There is nothing to free."""


class KnownClipEar:
    """A clip cut in two by a `finalize` gives its first words now, and the others next time."""

    def __init__(self, clips: tuple[KnownClip, ...]) -> None:
        self._clips = clips
        self._carried = b""  # a clip still being spoken, from its beginning
        self._words_given = 0

    async def understand(self, audio: Pcm) -> str:
        heard = (self._carried + encode(audio.samples))[-KEPT_BYTES:]
        words: list[str] = []
        given, self._carried, self._words_given = self._words_given, b"", 0
        for occurrence in find_clips(self._clips, heard):
            spoken = occurrence.clip.words_by(occurrence.reach)
            words += occurrence.clip.words[given:spoken]
            given = 0
            if occurrence.end > len(heard):
                self._carried, self._words_given = heard[occurrence.start :], spoken
        return " ".join(words)
