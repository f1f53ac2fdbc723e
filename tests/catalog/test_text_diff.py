"""catalog/text_diff.py: every line of both texts, and which words in them differ."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.text_diff import Row, Side, side_by_side

TEXTS = st.text(alphabet="ab \n.é", max_size=80)


def written(side: Side) -> str:
    return "".join(piece.text for piece in side.pieces)


def marked(side: Side) -> list[str]:
    return [piece.text for piece in side.pieces if piece.changed]


def shown(rows: list[Row]) -> list[tuple[str, str]]:
    return [(written(row.before), written(row.after)) for row in rows]


def test_the_same_text_has_no_changes() -> None:
    rows = side_by_side("Be brief.\n\nBe kind.", "Be brief.\n\nBe kind.")
    assert [(row.before.number, row.after.number) for row in rows] == [(1, 1), (2, 2), (3, 3)]
    assert not any(row.before.changed or row.after.changed for row in rows)


def test_the_words_that_differ_are_marked() -> None:
    (row,) = side_by_side("Open from nine to five.", "Open from ten to six.")
    assert (row.before.changed, row.after.changed) == (True, True)
    assert (marked(row.before), marked(row.after)) == (["nine", "five"], ["ten", "six"])


def test_a_line_that_is_new_stands_alone() -> None:
    rows = side_by_side("One.\nThree.", "One.\nTwo.\nThree.")
    assert shown(rows) == [("One.", "One."), ("", "Two."), ("Three.", "Three.")]
    assert [row.before.number for row in rows] == [1, None, 2]
    assert (rows[1].before.changed, rows[1].after.changed) == (False, True)


def test_a_line_that_is_gone_stands_alone() -> None:
    rows = side_by_side("One.\nTwo.\nThree.", "One.\nThree.")
    assert shown(rows) == [("One.", "One."), ("Two.", ""), ("Three.", "Three.")]
    assert (rows[1].after.number, rows[1].before.changed) == (None, True)


@pytest.mark.parametrize(("before", "after"), [("", "One.\nTwo."), ("One.\nTwo.", ""), ("", "")])
def test_of_an_empty_text_there_is_nothing_to_show(before: str, after: str) -> None:
    rows = side_by_side(before, after)
    assert [written(row.before) for row in rows if row.before.number] == before.splitlines()
    assert [written(row.after) for row in rows if row.after.number] == after.splitlines()


@given(TEXTS, TEXTS)
def test_nothing_of_either_text_is_lost_or_moved(before: str, after: str) -> None:
    rows = side_by_side(before, after)
    for sides, text in (
        ([row.before for row in rows], before),
        ([row.after for row in rows], after),
    ):
        lines = [side for side in sides if side.number is not None]
        assert [written(side) for side in lines] == text.splitlines()
        assert [side.number for side in lines] == list(range(1, len(lines) + 1))


@given(TEXTS, TEXTS)
def test_what_is_not_marked_is_the_same_on_both_sides(before: str, after: str) -> None:
    for row in side_by_side(before, after):
        kept = [
            "".join(p.text for p in side.pieces if not p.changed)
            for side in (row.before, row.after)
        ]
        assert kept[0] == kept[1] or None in (row.before.number, row.after.number)


HUGE = {
    "one word, over and over": (" ".join(["no"] * 16_000), " ".join(["yes"] + ["no"] * 15_000)),
    "one line, over and over": (
        "no\n" * 16_000,
        "yes\n" + "no\n" * 8_000 + "oh\n" + "no\n" * 7_000,
    ),
    "two words, mixed": (
        " ".join("ab"[number * number % 7 % 2] for number in range(25_000)),
        " ".join("ab"[number * number % 11 % 2] for number in range(25_000)),
    ),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_text_that_repeats_itself_does_not_take_minutes(name: str) -> None:
    """Each pair of equal words costs time: these once took five minutes, and now far below 1 s."""
    before, after = HUGE[name]
    began_at = time.monotonic()
    rows = side_by_side(before, after)
    assert time.monotonic() - began_at < 20
    assert "\n".join(written(row.before) for row in rows if row.before.number) == before.rstrip(
        "\n"
    )


def test_lines_stay_the_same_where_too_much_repeats_to_be_matched() -> None:
    middle = "same\n" * 2_000
    rows = side_by_side(f"Start.\n{middle}End.", f"Start.\nNew.\n{middle}{middle}End.")
    assert not rows[0].before.changed and not rows[-1].after.changed
    assert shown(rows)[-1] == ("End.", "End.")
