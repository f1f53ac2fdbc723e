"""What a soak would complain of, without making its calls."""

import dataclasses

import pytest

from benchmarks.soak.growth import AtRest, complaints, slope
from benchmarks.soak.planned_calls import planned_calls
from benchmarks.soak.verdict import Lived, lived, wrong
from calls.models import EndedBy
from rehearsal.caller import CallReport, CallScript
from rehearsal.caller.observed import Ending, Observed, StreamSeen
from rehearsal.caller.report import AroundTheStream, Followed
from rehearsal.caller.review import review


def at_rest(calls: int, **held: int) -> AtRest:
    usual = {"in_use_kib": 300_000, "objects": 5_000, "threads": 10, "files": 30, "tasks": 2}
    return AtRest(calls, {**usual, **held, "task_names": ["a task"], "kinds": {}})


def test_a_call_that_leaves_more_than_a_kib_is_a_leak() -> None:
    growing = [at_rest(calls, in_use_kib=300_000 + 2 * calls) for calls in range(200, 1_001, 100)]
    assert slope(growing, "in_use_kib") == pytest.approx(2.0)
    assert complaints(growing, 1.0) == ["memory grows by 2.00 KiB a call, of 1"]
    assert complaints(growing, 3.0) == []


def test_a_task_for_each_call_is_a_leak() -> None:
    growing = [at_rest(calls, tasks=calls // 100) for calls in (200, 600, 1_000)]
    [complaint] = complaints(growing, 1.0)
    assert complaint.startswith("tasks went from 2 to 10")


def test_the_same_seed_plans_the_same_calls_of_every_kind() -> None:
    assert planned_calls(300, seed=7) == planned_calls(300, seed=7)
    assert planned_calls(300, seed=7) != planned_calls(300, seed=8)
    kinds = {call.kind.partition(":")[0] for call in planned_calls(300, seed=7)}
    assert len(kinds) == 6


def report(by: str, **around: object) -> CallReport:
    """A call whose stream was let in and ended so."""
    stream = StreamSeen("MZ1", 0.0, 5.0, by, 5_000.0, None)  # type: ignore[arg-type]
    observed = Observed(first_audio_ms=5.0, streams=(stream,))
    known = AroundTheStream("CA1", "MZ1", "short", verbs=("Connect Stream",), **around)  # type: ignore[arg-type]
    return review(CallScript("short", ()), known, observed, Ending(by, 5_000.0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("by", "around", "may_be"),
    [
        ("caller", {}, EndedBy.CALLER),
        ("line", {}, EndedBy.ERROR),
        ("server-rest", {}, EndedBy.ERROR),
        ("server-rest", {"followed": Followed(transferred_to="+351200000009")}, EndedBy.ERROR),
    ],
)
def test_a_caller_knows_how_the_call_ended(
    by: str, around: dict[str, object], may_be: EndedBy
) -> None:
    assert lived("any", report(by, **around), troubled=False).may_be == {may_be}


def test_a_record_that_says_something_else_is_wrong() -> None:
    call = Lived("any", "CA1", frozenset({EndedBy.CALLER}), ("Hello.",))
    assert wrong([call], {"CA1": ("completed", "caller", "Hello. And more.")}) == []
    assert "no record" in wrong([call], {})[0]
    assert "RECORD SAYS failed error" in wrong([call], {"CA1": ("failed", "error", "Hello.")})[0]
    assert "in-progress" in wrong([call], {"CA1": ("in-progress", "caller", "Hello.")})[0]
    assert "LACKS" in wrong([call], {"CA1": ("completed", "caller", "")})[0]
    silent = dataclasses.replace(call, words=())
    assert wrong([silent], {"CA1": ("completed", "caller", "")}) == []
