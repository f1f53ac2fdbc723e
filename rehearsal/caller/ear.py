"""When the agent is heard to speak, from the audio that plays at the caller's end. Pure."""

from dataclasses import dataclass

from rehearsal.speech import BYTES_PER_MS

SPEECH_END_MS = 700.0  # silence of this length ends what the agent was saying
_SLICE_BYTES = 160
_LOUD_SAMPLES = 8  # of a slice's 160; a click has fewer
# Mu-law bytes of samples beyond -36 dBFS, either sign. The line noise of a quiet clip is below it.
_LOUD = bytes(1 if (~byte & 0x7F) >= 0x24 else 0 for byte in range(256))


@dataclass(frozen=True, slots=True)
class Heard:
    """One stretch of the agent's speech, in ms from the stream's start."""

    start_ms: float
    end_ms: float


def loud_slices(audio: bytes) -> list[bool]:
    """For each 20 ms whether speech is in it."""
    marked = audio.translate(_LOUD)
    return [
        marked.count(1, start, start + _SLICE_BYTES) >= _LOUD_SAMPLES
        for start in range(0, len(marked), _SLICE_BYTES)
    ]


class Ear:
    """Stretches of speech, fed with audio at the moment it will play."""

    def __init__(self) -> None:
        self._stretches: list[Heard] = []
        self._cut_off = False  # what comes after a clear is something new

    def listen(self, start_ms: float, audio: bytes) -> None:
        """This audio plays from `start_ms`, not before what was given earlier."""
        for index, loud in enumerate(loud_slices(audio)):
            if loud:
                at = index * _SLICE_BYTES
                end = min(at + _SLICE_BYTES, len(audio))
                self._add(start_ms + at / BYTES_PER_MS, start_ms + end / BYTES_PER_MS)

    def cut(self, now_ms: float) -> None:
        """The audio that has not been played by now never will be."""
        self._stretches = [
            Heard(stretch.start_ms, min(stretch.end_ms, now_ms))
            for stretch in self._stretches
            if stretch.start_ms < now_ms
        ]
        self._cut_off = True

    def spoke_after(self, moment_ms: float, now_ms: float) -> bool:
        """Whether speech has been heard between the two moments."""
        return any(
            max(stretch.start_ms, moment_ms) < min(stretch.end_ms, now_ms)
            for stretch in self._stretches
        )

    def speaking_for_ms(self, now_ms: float) -> float:
        """How long the speech that is heard now has lasted; 0 in silence."""
        for stretch in reversed(self._stretches):
            if stretch.start_ms <= now_ms:
                return now_ms - stretch.start_ms if now_ms < stretch.end_ms else 0.0
        return 0.0

    def silent_for_ms(self, now_ms: float) -> float:
        """How long it has been silent; 0 while the agent speaks or only takes a breath."""
        for stretch in reversed(self._stretches):
            if stretch.start_ms <= now_ms:
                return max(0.0, now_ms - stretch.end_ms)
        return now_ms

    def heard(self, until_ms: float) -> tuple[Heard, ...]:
        """What was heard until a moment."""
        return tuple(
            Heard(stretch.start_ms, min(stretch.end_ms, until_ms))
            for stretch in self._stretches
            if stretch.start_ms < until_ms
        )

    def unheard_ms(self, now_ms: float) -> float:
        """How much speech is still to be played."""
        return sum(
            stretch.end_ms - max(stretch.start_ms, now_ms)
            for stretch in self._stretches
            if stretch.end_ms > now_ms
        )

    def _add(self, start_ms: float, end_ms: float) -> None:
        last = self._stretches[-1] if self._stretches else None
        if last and not self._cut_off and start_ms - last.end_ms < SPEECH_END_MS:
            self._stretches[-1] = Heard(last.start_ms, end_ms)
        else:
            self._stretches.append(Heard(start_ms, end_ms))
        self._cut_off = False
