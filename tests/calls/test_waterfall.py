"""The bars of a call's timings."""

import pytest

from calls.models import Call
from calls.waterfall import waterfall


def test_it_draws_nothing_for_a_call_whose_stream_never_started() -> None:
    assert waterfall(Call()) == []


def test_it_draws_only_what_is_known_in_the_order_of_the_call() -> None:
    call = Call(agent_ready_ms=90.0, webhook_ms=3.0, first_audio_ms=2.0)
    assert [bar.ms for bar in waterfall(call)] == [3.0, 2.0, 90.0]


def test_it_gives_the_slowest_the_full_width_and_keeps_the_fastest_visible() -> None:
    call = Call(first_audio_ms=0.001, agent_ready_ms=4_000.0)
    fastest, slowest = waterfall(call)
    assert slowest.width == 100.0
    assert 1.0 <= fastest.width < 10.0


@pytest.mark.parametrize(
    ("timing", "within", "beyond"),
    [
        ("webhook_ms", 50.0, 50.1),
        ("first_audio_ms", 50.0, 50.1),
        ("agent_ready_ms", 500.0, 500.1),
        ("context_prefetch_ms", 2_000.0, 2_000.1),
        ("context_injected_ms", 2_000.0, 2_000.1),
    ],
)
def test_it_says_when_a_budget_was_missed(timing: str, within: float, beyond: float) -> None:
    (bar,) = waterfall(Call(**{timing: within}))
    assert bar.over is False
    (bar,) = waterfall(Call(**{timing: beyond}))
    assert bar.over is True


def test_it_survives_timings_of_zero_and_below() -> None:
    bars = waterfall(Call(webhook_ms=0.0, first_audio_ms=-0.5))
    assert [bar.width for bar in bars] == [1.0, 1.0]
