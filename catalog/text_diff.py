"""Two versions of a text side by side: which lines, and which words in them, differ. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Pairs of equal lines, or of equal words in two lines: about half a microsecond each.
MOST_LINE_PAIRS, MOST_WORD_PAIRS = 1_000_000, 100_000

Opcode = tuple[str, int, int, int, int]  # as difflib has them


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Side:
    """`number` counts lines from 1; None where the other text has a line and this one has not."""

    number: int | None
    pieces: tuple[Piece, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    before: Side
    after: Side


NOTHING = Side(None, (), changed=False)


def side_by_side(before: str, after: str) -> list[Row]:
    """Every line of both, in order. Lines that replace each other stand in one row."""
    old, new = before.splitlines(), after.splitlines()
    rows: list[Row] = []
    for _tag, old_from, old_to, new_from, new_to in _opcodes(old, new, MOST_LINE_PAIRS):
        pairs = zip_longest(range(old_from, old_to), range(new_from, new_to))
        for at_old, at_new in pairs:
            if at_old is not None and at_new is not None and old[at_old] == new[at_new]:
                same = (Piece(old[at_old], changed=False),)
                rows.append(Row(Side(at_old + 1, same, False), Side(at_new + 1, same, False)))
            else:
                rows.append(_changed_row(old, new, at_old, at_new))
    return rows


def _changed_row(
    old: Sequence[str], new: Sequence[str], at_old: int | None, at_new: int | None
) -> Row:
    if at_old is None and at_new is not None:
        return Row(NOTHING, Side(at_new + 1, (Piece(new[at_new], changed=True),), changed=True))
    if at_new is None and at_old is not None:
        return Row(Side(at_old + 1, (Piece(old[at_old], changed=True),), changed=True), NOTHING)
    assert at_old is not None and at_new is not None
    words = (_WORDS.findall(old[at_old]), _WORDS.findall(new[at_new]))
    opcodes = _opcodes(*words, MOST_WORD_PAIRS)
    before = tuple(_pieces(words[0], [(op[0], op[1], op[2]) for op in opcodes]))
    after = tuple(_pieces(words[1], [(op[0], op[3], op[4]) for op in opcodes]))
    return Row(Side(at_old + 1, before, changed=True), Side(at_new + 1, after, changed=True))


def _pieces(words: list[str], spans: list[tuple[str, int, int]]) -> Iterator[Piece]:
    for tag, first, last in spans:
        if first < last:
            yield Piece("".join(words[first:last]), changed=tag != "equal")


def _opcodes(old: Sequence[str], new: Sequence[str], most_pairs: int) -> list[Opcode]:
    """As difflib has them, for what is between the same beginning and the same end.

    What repeats costs difflib its square: one word 25,000 times over would take minutes. Then all
    that is between is replaced.
    """
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    found: list[Opcode] = [("replace", 0, len(middle), 0, len(new_middle))]
    counts = Counter(new_middle)
    if sum(counts[item] for item in middle) <= most_pairs:
        found = list(SequenceMatcher(None, middle, new_middle, autojunk=False).get_opcodes())
    return [
        ("equal", 0, start, 0, start),
        *((tag, start + a, start + b, start + c, start + d) for tag, a, b, c, d in found),
        ("equal", len(old) - end, len(old), len(new) - end, len(new)),
    ]


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many items both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))
