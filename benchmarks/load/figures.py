"""From what callers saw and servers spent to the figures of one side at one level. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.load.phase import Memory, Phase
from benchmarks.load.plan import INTERRUPTION, LINE
from rehearsal.caller import CallReport
from rehearsal.caller.review import percentile

HEARD_GAP_MS = 40.0


@dataclass(frozen=True, slots=True)
class Level:
    """One side with so many calls at once. None: it never came, or to too few."""

    calls: int
    first_audio_p50_ms: float | None
    first_audio_p99_ms: float | None
    ready_p50_ms: float | None
    ready_p99_ms: float | None
    first_answer_p50_ms: float | None
    reply_p50_ms: float | None
    reply_p95_ms: float | None
    unanswered: int
    heard_gaps: int  # of more than 40 ms, within words
    longest_gap_ms: float
    barge_in_p50_ms: float | None
    barge_in_p95_ms: float | None
    loop_lag_p99_ms: float  # while nobody comes and nobody ends
    loop_lag_p99_with_arrivals_ms: float  # and of all of it
    loop_lag_max_ms: float
    cpu_silent: float | None  # of one core for each call, set-up included
    cpu_talking: float
    memory_per_call_mb: float
    pss_per_call_mb: float
    memory_kept_per_call_mb: float
    failures: int
    rig_lag_p99_ms: float  # of the callers' own frames: above some ms, doubt the figures


def level(talking: Phase, silent: Phase | None, lines: int, memory_before: Memory) -> Level:
    """`lines`: how often each caller of the talking phase was to be answered."""
    count = len(talking.calls)
    phases = [talking, silent] if silent is not None else [talking]
    calls = [call for phase in phases for call in phase.calls]
    first = [_or_never(call.first_audio_ms) for call in calls]
    ready = _padded([ms for phase in phases for ms in phase.told.ready_ms], len(calls))
    answered = _replies(talking.calls)
    replies = _padded(answered, lines * count)
    stops = _padded(_stops(talking.calls), count)
    heard = [gap.length_ms for call in calls for gap in call.gaps if gap.in_speech]
    memory = talking.memory
    return Level(
        calls=count,
        first_audio_p50_ms=_percentile(first, 0.5),
        first_audio_p99_ms=_percentile(first, 0.99),
        ready_p50_ms=_percentile(ready, 0.5),
        ready_p99_ms=_percentile(ready, 0.99),
        first_answer_p50_ms=_percentile(_first_answers(talking.calls), 0.5),
        reply_p50_ms=_percentile(replies, 0.5),
        reply_p95_ms=_percentile(replies, 0.95),
        unanswered=len(replies) - len(answered),
        heard_gaps=sum(length > HEARD_GAP_MS for length in heard),
        longest_gap_ms=max(heard, default=0.0),
        barge_in_p50_ms=_percentile(stops, 0.5),
        barge_in_p95_ms=_percentile(stops, 0.95),
        loop_lag_p99_ms=talking.told_steady.lag_p99_ms,
        loop_lag_p99_with_arrivals_ms=talking.told.lag_p99_ms,
        loop_lag_max_ms=talking.told.lag_max_ms,
        cpu_silent=None if silent is None else _share(silent),
        cpu_talking=_share(talking),
        memory_per_call_mb=(memory.most - memory_before.before) / count,
        pss_per_call_mb=(memory.pss_most - memory_before.pss_before) / count,
        memory_kept_per_call_mb=(memory.after - memory_before.before) / count,
        failures=sum(not call.ok for call in calls),
        rig_lag_p99_ms=percentile([call.schedule.p99_lag_ms for call in calls], 0.5),
    )


def _share(phase: Phase) -> float:
    return phase.cpu_seconds / phase.call_seconds if phase.call_seconds else 0.0


def _replies(calls: Iterable[CallReport]) -> list[float]:
    """From the end of each line to the first sound of its reply."""
    found = [reply for call in calls for reply in call.replies if reply.line == LINE]
    return [reply.gap_ms for reply in found if reply.gap_ms is not None]


def _first_answers(calls: Iterable[CallReport]) -> list[float]:
    return [_or_never(call.replies[0].gap_ms if call.replies else None) for call in calls]


def _stops(calls: Iterable[CallReport]) -> list[float]:
    """From the first sound of an interruption to silence."""
    found = []
    for call in calls:
        cut = [it for it in call.clears if it.interrupted and it.line == INTERRUPTION]
        found += [it.after_line_start_ms for it in cut[:1] if it.after_line_start_ms is not None]
    return found


def _padded(values: Sequence[float], wanted: int) -> list[float]:
    """What did not come took for ever."""
    return [*values, *([math.inf] * (wanted - len(values)))]


def _or_never(value: float | None) -> float:
    return math.inf if value is None else value


def _percentile(values: Sequence[float], share: float) -> float | None:
    found = percentile(values, share) if values else math.inf
    return None if math.isinf(found) else found
