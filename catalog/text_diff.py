"""Two versions of a text side by side: which lines, and which words in them, differ. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


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
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        pairs = zip_longest(range(old_from, old_to), range(new_from, new_to))
        for at_old, at_new in pairs:
            if tag == "equal":
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
    opcodes = SequenceMatcher(None, *words, autojunk=False).get_opcodes()
    before = tuple(_pieces(words[0], [(op[0], op[1], op[2]) for op in opcodes]))
    after = tuple(_pieces(words[1], [(op[0], op[3], op[4]) for op in opcodes]))
    return Row(Side(at_old + 1, before, changed=True), Side(at_new + 1, after, changed=True))


def _pieces(words: list[str], spans: list[tuple[str, int, int]]) -> Iterator[Piece]:
    for tag, first, last in spans:
        if first < last:
            yield Piece("".join(words[first:last]), changed=tag != "equal")
