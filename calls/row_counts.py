"""What of the rows that were written /metrics counts: it then agrees with the database."""

from calls import metrics
from calls.happenings import Happening, Lost, RecordingChanged
from calls.models import EndedBy, RecordingState


class RowCounts:
    """Of one transaction; nothing counts before it is committed."""

    def __init__(self) -> None:
        self._lost = 0
        self._recordings_failed = 0

    def count(self, happening: Happening, ended_by: EndedBy | None) -> None:
        """`ended_by`: who ended the call, if it is over with this and was not before."""
        if isinstance(happening, Lost) and ended_by is EndedBy.ERROR:
            self._lost += 1
        if isinstance(happening, RecordingChanged) and happening.state == RecordingState.FAILED:
            self._recordings_failed += 1

    def add_to_metrics(self) -> None:
        metrics.calls_lost.inc(self._lost)
        metrics.recordings_failed.inc(self._recordings_failed)
