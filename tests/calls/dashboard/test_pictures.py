"""Where lines and bars lie, and what a file says."""

from itertools import pairwise

import pytest

from calls.dashboard.drawn import bars as drawn_bars
from calls.dashboard.grid import Grid, Row
from calls.dashboard.pictures import BOTTOM, TOP, Limit, Series, bars, lines
from calls.dashboard.scale import linear, logarithmic


@pytest.mark.parametrize("most", [0, 1, 3, 4, 7, 19, 99, 101, 12_345])
def test_the_highest_bar_fits_and_ticks_are_whole_numbers(most: float) -> None:
    scale = linear(most, TOP, BOTTOM)
    assert scale.at(most) >= TOP
    assert all(tick.value == round(tick.value) for tick in scale.ticks())
    assert len(scale.ticks()) <= 6


@pytest.mark.parametrize("values", [[], [0.0], [3.0], [2.0, 2_000.0], [0.01, 1e9]])
def test_a_logarithmic_axis_holds_whatever_was_measured(values: list[float]) -> None:
    scale = logarithmic(values, TOP, BOTTOM)
    assert all(TOP <= scale.at(value) <= BOTTOM for value in values)
    heights = [tick.at for tick in scale.ticks()]
    assert len(heights) >= 2
    assert all(below > above for below, above in pairwise(heights))


def test_a_curve_is_broken_where_nothing_was_measured() -> None:
    one = Series("p50", "va-p50", (10.0, None, 20.0, 30.0))
    picture = lines(["a", "b", "c", "d"], [one], [Limit("budget", 600.0)], str, str)
    assert picture.curves[0].path.count("M") == 2
    assert len(picture.curves[0].dots) == 3


def test_bars_stand_on_one_another() -> None:
    picture = bars(["a"], [Series("x", "va-s1", (2.0,)), Series("y", "va-s2", (1.0,))])
    lower, upper = picture.bars
    assert lower.y == pytest.approx(upper.y + upper.height)
    assert lower.y + lower.height == pytest.approx(BOTTOM)


def test_a_clips_name_is_no_markup() -> None:
    picture = bars(["a"], [Series("<script>", "va-s1", (2.0,))])
    assert "<script>" not in drawn_bars(picture.bars)


def test_a_spreadsheet_takes_no_clips_name_for_a_formula() -> None:
    grid = Grid(("second", "=HYPERLINK(1)"), (Row("0 s", "0", (3, 1.26, None)),))
    assert grid.as_csv() == "second,'=HYPERLINK(1)\r\n0,3,1.3,\r\n"
