"""Figures of a side at a level, with whatever a test does not care about filled in."""

from typing import Any

from benchmarks.load.figures import Level


def a_level(calls: int, **figures: Any) -> Level:
    """One that holds."""
    usual: dict[str, Any] = {
        "first_audio_p50_ms": 4.0,
        "first_audio_p99_ms": 9.0,
        "ready_p50_ms": 12.0,
        "ready_p99_ms": 30.0,
        "first_answer_p50_ms": 500.0,
        "reply_p50_ms": 500.0,
        "reply_p95_ms": 800.0,
        "unanswered": 0,
        "heard_gaps": 0,
        "longest_gap_ms": 0.0,
        "barge_in_p50_ms": 240.0,
        "barge_in_p95_ms": 260.0,
        "loop_lag_p99_ms": 5.0,
        "loop_lag_p99_with_arrivals_ms": 8.0,
        "loop_lag_max_ms": 20.0,
        "cpu_silent": 0.05,
        "cpu_talking": 0.08,
        "memory_per_call_mb": 1.0,
        "pss_per_call_mb": 1.0,
        "memory_kept_per_call_mb": 0.1,
        "failures": 0,
        "rig_lag_p99_ms": 1.0,
    }
    return Level(calls=calls, **{**usual, **figures})


def levels(*many: Level) -> dict[int, Level]:
    return {level.calls: level for level in many}
