"""What is made of what callers saw and servers spent, without any calls."""

import dataclasses

import pytest

from benchmarks.load.figures import level
from benchmarks.load.phase import Memory, Phase
from benchmarks.load.plan import INTERRUPTION, LINE, Plan, silent, talking
from benchmarks.load.probe import Probe, Told
from rehearsal.caller import CallReport, ClearSeen, Gap, HangUp, Reply, Speak
from rehearsal.caller.observed import Ending, Observed
from rehearsal.caller.report import AroundTheStream
from rehearsal.caller.review import review
from rehearsal.caller.script import CallScript

SCRIPT = CallScript("test", (HangUp(),))
MEMORY = Memory(before=100.0, most=120.0, after=104.0, pss_before=90.0, pss_most=100.0)


def report(
    first_audio_ms: float | None = 5.0,
    gaps: tuple[Gap, ...] = (),
    replies: tuple[float | None, ...] = (),
    stops: tuple[float, ...] = (),
) -> CallReport:
    observed = Observed(first_audio_ms=first_audio_ms, gaps=gaps, lags_ms=(0.5, 1.5))
    seen = review(SCRIPT, AroundTheStream("CA1", "MZ1", "test"), observed, Ending("caller", 20_000))
    return dataclasses.replace(
        seen,
        replies=tuple(Reply(LINE, 0.0, ms, ms) for ms in replies),
        clears=tuple(ClearSeen(1.0, 1.0, True, INTERRUPTION, ms) for ms in stops),
    )


def a_phase(*calls: CallReport, ready_ms: tuple[float, ...] = ()) -> Phase:
    told = Told(100, 30.0, 300.0, ready_ms)
    return Phase(calls, told, Told(50, 7.0, 9.0, ()), cpu_seconds=4.0, memory=MEMORY)


def test_a_line_that_was_not_answered_took_for_ever() -> None:
    calls = [report(replies=(500.0, 700.0)), report(replies=(600.0, None))]
    found = level(a_phase(*calls), None, 2, MEMORY)
    assert found.unanswered == 1
    assert found.reply_p50_ms == 600.0
    assert found.reply_p95_ms is None


def test_a_call_without_audio_is_not_left_out_of_the_first_audio() -> None:
    found = level(a_phase(report(5.0), report(None), report(7.0)), None, 1, MEMORY)
    assert (found.first_audio_p50_ms, found.first_audio_p99_ms) == (7.0, None)


def test_only_gaps_that_cut_words_apart_are_heard() -> None:
    gaps = (Gap(1.0, 39.0, True), Gap(2.0, 41.0, True), Gap(3.0, 600.0, False))
    found = level(a_phase(report(gaps=gaps)), None, 1, MEMORY)
    assert (found.heard_gaps, found.longest_gap_ms) == (1, 41.0)


def test_cpu_and_memory_are_of_each_call() -> None:
    found = level(a_phase(report(), report()), a_phase(report()), 1, MEMORY)
    assert found.cpu_talking == pytest.approx(4.0 / 40.0)
    assert found.cpu_silent == pytest.approx(4.0 / 20.0)
    assert (found.memory_per_call_mb, found.memory_kept_per_call_mb) == (10.0, 2.0)


def test_lag_is_told_with_and_without_arrivals_and_goodbyes() -> None:
    found = level(a_phase(report()), None, 1, MEMORY)
    assert (found.loop_lag_p99_ms, found.loop_lag_p99_with_arrivals_ms) == (7.0, 30.0)


def test_an_interruption_that_stopped_nothing_took_for_ever() -> None:
    found = level(a_phase(report(stops=(240.0,)), report()), None, 1, MEMORY)
    assert (found.barge_in_p50_ms, found.barge_in_p95_ms) == (240.0, None)


def test_the_probe_tells_of_the_time_it_is_asked_about() -> None:
    probe = Probe()
    for at, lag_ms in ((1.0, 50.0), (2.0, 1.0), (3.0, 2.0), (4.0, 60.0)):
        probe._note(at, lag_ms)
    assert probe.told(1.5, 3.5) == Told(2, 2.0, 2.0, ())
    assert probe.told(0.0, 9.0).lag_max_ms == 60.0


def test_callers_speak_every_ten_seconds_and_interrupt_the_last_reply() -> None:
    plan = Plan((1,), rounds=3, silent_levels=(1,), silent_seconds=20.0)
    lines = [step for step in talking(plan, 0).steps if isinstance(step, Speak)]
    assert [step.line for step in lines] == [LINE] * plan.lines + [INTERRUPTION]
    assert [step.interrupting for step in lines] == [False] * plan.lines + [True]
    assert not any(isinstance(step, Speak) for step in silent(plan, 0).steps)
    assert plan.all_up(40) < plan.all_still_up()
