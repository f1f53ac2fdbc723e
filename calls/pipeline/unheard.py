"""Does speech recognition hear what the VAD hears? Pure.

It answers what is no speech with no word, and rightly: a cough, a door, a word next door. One that
answers a whole second of clear speech so has heard nothing, and says so of every utterance.
"""

from calls.pipeline.transport import SAMPLE_RATE

CLEAR_SPEECH_BYTES = 1 * 2 * SAMPLE_RATE  # shorter ones may well be no words


class Unheard:
    """Clear utterances without a word, of one call. Counted by audio: our stalls change nothing."""

    def __init__(self) -> None:
        self.in_a_row = 0
        self._spoken_bytes = 0
        self._had_words = False
        self._flushes_due = 0

    def caller_starts(self) -> None:
        self._spoken_bytes, self._had_words = 0, False

    def caller_speaks(self, size_bytes: int) -> None:
        self._spoken_bytes += size_bytes

    def asked(self, *, owed: bool) -> None:
        """To finish what was said; `owed`: before it has answered the last time it was asked."""
        self._flushes_due = self._flushes_due + 1 if owed else 1

    def words_came(self) -> None:
        self._had_words, self.in_a_row = True, 0

    def nothing_more_comes(self) -> bool:
        """It has said so. Whether that was its answer to clear speech, and no word before it."""
        self._flushes_due -= 1
        if self._flushes_due > 0:  # That was of what was said before.
            return False
        unheard = self._spoken_bytes >= CLEAR_SPEECH_BYTES and not self._had_words
        self._spoken_bytes = 0
        self.in_a_row += unheard
        return unheard
