"""What the demo claims of its call can be false."""

from types import SimpleNamespace
from typing import Any

from rehearsal.demo import claims


def same_moments(*at_ms: float) -> claims.Claim:
    heard = [
        SimpleNamespace(start_ms=0.0, end_ms=5_000.0),
        SimpleNamespace(start_ms=9_800.0, end_ms=12_400.0),
    ]
    report: Any = SimpleNamespace(heard=heard)
    return claims._same_moments(report, [{"at_ms": moment} for moment in at_ms])


def test_the_record_may_differ_by_what_the_line_takes() -> None:
    assert same_moments(3.0, 9_900.0) == claims.Claim(
        "The record says what the caller observed", True, "at most 100 ms apart"
    )


def test_an_answer_right_after_one_moment_please_begins_in_the_middle_of_sound() -> None:
    assert same_moments(3.0, 9_900.0, 11_000.0).holds


def test_a_line_that_the_caller_did_not_hear_begin_is_told() -> None:
    assert not same_moments(3.0, 11_000.0).holds
    assert not same_moments(3.0, 9_900.0, 7_000.0).holds
