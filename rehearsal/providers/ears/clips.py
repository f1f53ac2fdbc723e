"""Recorded clips found again in received audio, by short exact pieces of them. Pure."""

from dataclasses import dataclass

from rehearsal.caller.mulaw import decode
from rehearsal.providers.ears.mulaw import encode

BYTES_PER_MS = 8
PIECE_BYTES = 10 * BYTES_PER_MS
STEP_BYTES = 50 * BYTES_PER_MS
LEAST_CODES = 12  # a piece with fewer different samples is silence, and found everywhere
LEAST_PIECES = 2
SLACK_BYTES = 400 * BYTES_PER_MS  # frames lost on the way shift what follows


@dataclass(frozen=True, slots=True)
class Piece:
    offset: int
    audio: bytes


@dataclass(frozen=True, slots=True)
class KnownClip:
    name: str
    words: tuple[str, ...]
    length: int
    pieces: tuple[Piece, ...]

    def words_by(self, reach: int) -> int:
        """How many words have been spoken by this offset: all at the last piece."""
        last = self.pieces[-1].offset + PIECE_BYTES
        return round(len(self.words) * min(1.0, reach / last))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A clip in the audio. It starts at `start`, and was heard up to `reach` of its length."""

    clip: KnownClip
    start: int
    reach: int

    @property
    def end(self) -> int:
        return self.start + self.clip.length


def known_clip(name: str, text: str, mulaw: bytes) -> KnownClip:
    # Both zeros of mu-law decode to 0: encoding once more makes the codes comparable.
    audio = encode(decode(mulaw))
    pieces = tuple(
        Piece(offset, audio[offset : offset + PIECE_BYTES])
        for offset in range(0, len(audio) - PIECE_BYTES, STEP_BYTES)
        if len(set(audio[offset : offset + PIECE_BYTES])) >= LEAST_CODES
    )
    return KnownClip(name, tuple(text.split()), len(audio), pieces)


def find_clips(clips: tuple[KnownClip, ...], audio: bytes) -> list[Occurrence]:
    """Every clip in the audio, in the order they were spoken."""
    found = [occurrence for clip in clips for occurrence in _find(clip, audio)]
    return sorted(found, key=lambda occurrence: occurrence.start)


def _find(clip: KnownClip, audio: bytes) -> list[Occurrence]:
    hits = sorted(
        (position - piece.offset, piece.offset + PIECE_BYTES)
        for piece in clip.pieces
        for position in _positions(piece.audio, audio)
    )
    occurrences: list[Occurrence] = []
    group: list[tuple[int, int]] = []
    for hit in [*hits, (len(audio) + clip.length + SLACK_BYTES, 0)]:
        if group and hit[0] - group[-1][0] > SLACK_BYTES:
            if len(group) >= min(LEAST_PIECES, len(clip.pieces)):
                reach = max(reach for _start, reach in group)
                occurrences.append(Occurrence(clip, max(0, group[0][0]), reach))
            group = []
        group.append(hit)
    return occurrences


def _positions(piece: bytes, audio: bytes) -> list[int]:
    positions = []
    position = audio.find(piece)
    while position >= 0:
        positions.append(position)
        position = audio.find(piece, position + 1)
    return positions
