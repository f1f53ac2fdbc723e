"""What a cell's callers heard, in figures. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.chaos.callers import CellReports
from benchmarks.chaos.cells import Cell
from rehearsal.caller import CallReport

MOST_DEAD_AIR_MS = 2_000.0
LAST_WORDS_WITHIN_MS = 2_500.0  # before the end: who hears nothing for longer was left in silence
MOST_FIRST_AUDIO_MS = 500.0
MOST_GAP_MS = 200.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    cell: Cell
    calls: int
    answered: int
    apologised: int  # and put through to a person, or told and hung up
    dead_air_ms: float  # the longest of any caller
    bystanders: int
    harmed: tuple[str, ...]  # what bystanders had to bear

    @property
    def rude(self) -> int:
        """Calls that ended in silence, or of which the caller lost patience."""
        return self.calls - self.answered - self.apologised

    @property
    def complaints(self) -> list[str]:
        found = [f"{self.rude} calls ended rudely"] if self.rude else []
        if self.dead_air_ms > MOST_DEAD_AIR_MS:
            found.append(f"{self.dead_air_ms / 1000:.1f} s of dead air")
        return [*found, *(f"a bystander {it}" for it in self.harmed)]


def judged(reports: CellReports) -> Row:
    answered = [it for it in reports.concerned if was_answered(it)]
    others = [it for it in reports.concerned if not was_answered(it)]
    return Row(
        reports.cell,
        len(reports.concerned),
        len(answered),
        sum(map(was_told, others)),
        max(map(dead_air_ms, reports.concerned)),
        len(reports.bystanders),
        tuple(harm for it in reports.bystanders for harm in harms(it)),
    )


def dead_air_ms(report: CallReport) -> float:
    """The longest silence in which a caller waited, from the first sound to the end of the stream.

    What ends with a line of their own, or with the hang-up that their script wants, is no waiting:
    they make sure that the agent has finished.
    """
    own = {it.start_ms for it in report.said}
    if report.ended_by == "caller" and not report.failures:
        own.add(report.ended_ms)
    sounds = [(it.start_ms, it.end_ms) for it in (*report.heard, *report.said)]
    longest, silent_since = 0.0, report.first_audio_ms or 0.0
    for start, end in [*sorted(sounds), (report.ended_ms, report.ended_ms)]:
        if start not in own:
            longest = max(longest, start - silent_since)
        silent_since = max(silent_since, end)
    return longest


def was_answered(report: CallReport) -> bool:
    """Every line, and the end as the caller wished it."""
    replied = bool(report.said) and all(it.start_ms is not None for it in report.replies)
    lines = {it.line for it in report.said}
    if "person" in lines:
        return replied and bool(report.transferred_to)
    return replied and "goodbye" in lines and not report.transferred_to and was_told(report)


def was_told(report: CallReport) -> bool:
    """The other side ended the call, after words that were heard to their end."""
    if report.ended_by == "caller" or not report.heard or report.unheard_ms > 40.0:
        return False
    last_line_ms = report.said[-1].end_ms if report.said else 0.0
    last_heard_ms = report.heard[-1].end_ms
    return last_heard_ms > last_line_ms and report.ended_ms - last_heard_ms <= LAST_WORDS_WITHIN_MS


def harms(report: CallReport) -> Sequence[str]:
    """What a bystander had to bear."""
    found = []
    if report.failures:
        found.append(f"({report.script}): {report.failures[0]}")
    if report.first_audio_ms is None or report.first_audio_ms > MOST_FIRST_AUDIO_MS:
        found.append(f"({report.script}) was greeted after {report.first_audio_ms} ms")
    if report.longest_gap_in_speech_ms > MOST_GAP_MS:
        found.append(f"({report.script}): words cut by {report.longest_gap_in_speech_ms:.0f} ms")
    if (dead := dead_air_ms(report)) > MOST_DEAD_AIR_MS:
        found.append(f"({report.script}) heard nothing for {dead / 1000:.1f} s")
    return found
