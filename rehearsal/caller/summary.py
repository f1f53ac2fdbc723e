"""Figures over many calls: median, 99th percentile, worst. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.caller.crowd import CrowdReport
from rehearsal.caller.report import CallReport
from rehearsal.caller.review import percentile


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement over all calls, in ms. None when no call has it."""

    name: str
    count: int
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None


def figures(calls: Sequence[CallReport]) -> tuple[Figure, ...]:
    replies = [reply.gap_ms for call in calls for reply in call.replies]
    silences = [
        clear.after_line_start_ms for call in calls for clear in call.clears if clear.interrupted
    ]
    return (
        _figure("webhook", [call.webhook_ms for call in calls]),
        _figure("socket open", [call.ws_open_ms for call in calls]),
        _figure("first audio", [call.first_audio_ms for call in calls]),
        _figure("reply", replies),
        _figure("interruption to silence", silences),
        _figure("longest gap", [call.longest_gap_ms for call in calls]),
        _figure("longest gap in speech", [call.longest_gap_in_speech_ms for call in calls]),
        _figure("caller's own lag", [call.schedule.max_lag_ms for call in calls]),
    )


def summary(crowd: CrowdReport) -> str:
    """A table for the terminal."""
    lines = [f"{'ms':24}{'n':>5}{'p50':>9}{'p99':>9}{'worst':>9}"]
    lines += [
        f"{it.name:24}{it.count:5}{_cell(it.p50_ms)}{_cell(it.p99_ms)}{_cell(it.max_ms)}"
        for it in figures(crowd.calls)
    ]
    good = len(crowd.calls) - len(crowd.failed)
    cpu = crowd.cpu_share_per_call * 100
    lines.append(
        f"{good} of {len(crowd.calls)} calls went as their script wants. "
        f"Each caller took {cpu:.1f} % of a core here."
    )
    return "\n".join(lines)


def _figure(name: str, values: Sequence[float | None]) -> Figure:
    known = [value for value in values if value is not None]
    if not known:
        return Figure(name, 0, None, None, None)
    return Figure(name, len(known), percentile(known, 0.5), percentile(known, 0.99), max(known))


def _cell(value: float | None) -> str:
    return f"{'–' if value is None else format(value, '.1f'):>9}"
