"""Durations as people read them."""

import pytest

from calls.durations import milliseconds, minutes, moment


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.04, "0.0 ms"),
        (9.94, "9.9 ms"),
        (10.0, "10 ms"),
        (-412.4, "-412 ms"),
        (1_999.0, "1999 ms"),
        (2_100, "2.1 s"),
    ],
)
def test_it_writes_milliseconds(value: float | None, shown: str) -> None:
    assert milliseconds(value) == shown


@pytest.mark.parametrize(
    ("ms", "shown"), [(None, "–"), (0, "0:00"), (83_000, "1:23"), (3_599_600, "60:00")]
)
def test_it_writes_minutes(ms: float | None, shown: str) -> None:
    assert minutes(ms) == shown


@pytest.mark.parametrize(
    ("ms", "shown"), [(-3.0, "00:00"), (4_999.0, "00:04"), (605_000.0, "10:05")]
)
def test_a_moment_is_never_later_than_what_is_heard(ms: float, shown: str) -> None:
    assert moment(ms) == shown
