"""Is the record of each call right? Held against what its caller knows.

Which ends a call may have had is stricter the less went wrong: of a call that no trouble of a
provider has touched, tests/records/kinds.py knows the one end.

When a lost stream can be taken up again through /stream-ended, nothing changes here: the script
goes on over the new stream, and the report says how that one ended. LOST is then only what is left
of calls that were ending anyway.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from calls.models import OVER, EndedBy
from rehearsal.caller import CallReport
from tests.records.kinds import known

LOST = frozenset({EndedBy.ERROR})
# The server closes such a stream with a code of its own, or ends a call that it takes for dead.
ENDED_BY_THE_SERVER = frozenset(
    {"hostile-messages", "no-utf-8", "64-kib", "2-mib", "flood", "half-open", "no-frames"}
)
GOODBYE = "goodbye"


@dataclass(frozen=True, slots=True)
class Lived:
    """A call that is over: what its caller knows, and which ends it may have had."""

    kind: str
    call_sid: str
    may_be: frozenset[EndedBy]
    words: tuple[str, ...]  # that have to stand in the record
    report: CallReport | None = None

    def __str__(self) -> str:
        may_be = "/".join(sorted(self.may_be))
        seen = self.report
        how = (
            ""
            if seen is None
            else (
                f" by {seen.ended_by} ({seen.close_code}) after {seen.ended_ms / 1000:.1f} s,"
                f" streams {len(seen.streams)}, followed {'; '.join(seen.followed)},"
                f" said {[it.line for it in seen.said]}, {seen.error or 'no error'}"
            )
        )
        return f"{self.call_sid} {self.kind}: {may_be}{how}"


def lived(kind: str, report: CallReport, *, troubled: bool) -> Lived:
    it = known(report)
    return Lived(
        kind,
        report.call_sid,
        _may_be(report, troubled=troubled),
        () if troubled or report.misbehaviour else it.words,
        report,
    )


def _may_be(report: CallReport, *, troubled: bool) -> frozenset[EndedBy]:
    if "Connect Stream" not in report.verbs:
        return frozenset({EndedBy.TURNED_AWAY})
    if not _was_let_in(report):  # Then by Twilio's word alone: no session carried it.
        if any(verb.startswith("Play") for verb in report.afterwards):
            return LOST  # They have heard an apology.
        hostile = report.misbehaviour in ENDED_BY_THE_SERVER
        return frozenset({EndedBy.CALLER, EndedBy.ERROR} if hostile else {EndedBy.CALLER})
    if report.ended_by == "caller":
        return frozenset({EndedBy.CALLER, *_crossing(report, troubled=troubled)})
    if report.ended_by == "line":
        return frozenset({EndedBy.CALLER}) if _closed_politely(report) else LOST
    if report.transferred_to:
        if not any(one.line == "person" for one in report.said):
            return frozenset({EndedBy.ERROR})  # Who asked for nobody was put through in an apology.
        return frozenset({EndedBy.TRANSFER, EndedBy.ERROR} if troubled else {EndedBy.TRANSFER})
    return _ended_by_us(report, troubled=troubled)


def _ended_by_us(report: CallReport, *, troubled: bool) -> frozenset[EndedBy]:
    said_goodbye = any(one.line == GOODBYE for one in report.said)
    may = {EndedBy.AGENT} if said_goodbye else set()
    if troubled or report.misbehaviour in ENDED_BY_THE_SERVER or not said_goodbye:
        may.add(EndedBy.ERROR)
    if report.misbehaviour == "only-listens":
        may.add(EndedBy.TIMEOUT)
    if report.misbehaviour in {"no-frames", "half-open"} and len(report.streams) > 1:
        may.add(EndedBy.CALLER)  # Twilio, when it is asked of the lost line, says "completed".
    if report.misbehaviour == "second-socket":
        may.add(EndedBy.CALLER)  # The newer one took the call over, and was closed politely.
    return frozenset(may)


def _crossing(report: CallReport, *, troubled: bool) -> set[EndedBy]:
    """The ends with which a hang-up may cross: what the caller had asked for, and an apology.

    Twilio takes a moment to be told, longer when its REST API stumbles.
    """
    asked = {one.line for one in report.said}
    may = {EndedBy.AGENT} if GOODBYE in asked else set()
    may |= {EndedBy.TRANSFER} if "person" in asked else set()
    return may | ({EndedBy.ERROR} if troubled else set())


def _was_let_in(report: CallReport) -> bool:
    """Over any of its streams: one that broke before the first sound may have been resumed."""
    return any(stream.first_audio_ms is not None for stream in report.streams)


def _closed_politely(report: CallReport) -> bool:
    return any(f"closed with {code}" in it.did for it in report.deeds for code in (1000, 1001))


def wrong(lived_through: Iterable[Lived], records: Mapping[str, tuple[str, str, str]]) -> list[str]:
    """Of each call that has no record, one that is not over, or another end than it had."""
    found = []
    for call in lived_through:
        status, ended_by, said = records.get(call.call_sid, ("no record", "", ""))
        if status not in OVER or ended_by not in call.may_be:
            found.append(f"{call} BUT THE RECORD SAYS {status} {ended_by}")
        elif missing := [words for words in call.words if words not in said]:
            found.append(f"{call} BUT THE RECORD LACKS {missing}")
    return found
