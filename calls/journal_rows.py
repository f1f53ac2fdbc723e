"""Turns the lines of journals into rows, each once, through a database that comes and goes."""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    close_old_connections,
    transaction,
)
from django.utils import timezone

from calls import call_rows, metrics
from calls.journal import BATCH_LINES, Journal, left_behind
from calls.journal_lines import NotWritable, decoded
from calls.journal_segments import Batch, FileSegment
from calls.models import JournalPosition
from calls.row_counts import RowCounts

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
IDLE_SECONDS = 5.0
LEFT_BEHIND_SECONDS = 10.0
POSITIONS_KEPT_DAYS = 30  # for a journal that somebody brings back from a disk


@dataclass(slots=True)
class _LeftBehind:
    """The journal of a process that is gone, and how far its lines are rows."""

    segment: FileSegment
    position: int


class JournalRows:
    """One thread. `expect()` is called by the one that appends."""

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._journal = journal
        self._folder = folder
        self._pause = threading.Event()
        self._counting = threading.Lock()
        self._appended = 0
        self._done = 0
        self._flushes: list[tuple[int, threading.Event]] = []
        self._others: deque[_LeftBehind] = deque()
        self._look_at = 0.0  # monotonic seconds

    def expect(self, lines: int, flushes: Sequence[threading.Event]) -> None:
        """So many more lines were appended; set these events once they are rows."""
        with self._counting:
            self._appended += lines
            self._flushes += [(self._appended, event) for event in flushes]
            metrics.journal_lines_waiting.set(self._appended - self._done)
        self._tell_flushes(0)

    def run(self) -> None:
        while True:
            try:
                self._round()
            except Exception:  # A root: without this thread no call has a record any more.
                logger.exception("The call log failed; it goes on.")
                self._pause.wait(RETRY_SECONDS)

    def _round(self) -> None:
        """A batch of others' lines and one of our own: neither waits for the end of the other."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LEFT_BEHIND_SECONDS
            self._take_over()
        self._write_of_others()
        batch = self._journal.next_batch(0.0 if self._others else IDLE_SECONDS)
        if batch is not None:
            self._write_until_done(batch)
            self._tell_flushes(len(batch.lines))
            self._drop(self._journal.written(batch))
        elif not self._others:
            self._drop(self._journal.forget())

    def _tell_flushes(self, lines: int) -> None:
        with self._counting:
            self._done += lines
            metrics.journal_lines_waiting.set(self._appended - self._done)
            for at, event in self._flushes:
                if at <= self._done:
                    event.set()
            self._flushes = [(at, event) for at, event in self._flushes if at > self._done]

    # Journals of others -----------------------------------------------------------

    def _take_over(self) -> None:
        for segment in left_behind(self._folder):
            self._others.append(_LeftBehind(segment, self._position_of(segment)))

    def _write_of_others(self) -> None:
        if not self._others:
            return
        other = self._others[0]
        if other.position < other.segment.size_bytes:
            batch = other.segment.read(other.position, BATCH_LINES)
            self._write_until_done(batch)
            other.position = batch.end_bytes
        if other.position >= other.segment.size_bytes:
            self._others.popleft()
            other.segment.delete()
            self._drop(other.segment.name)

    def _position_of(self, segment: FileSegment) -> int:
        while True:
            close_old_connections()
            try:
                row = JournalPosition.objects.filter(name=segment.name).first()
                return row.position_bytes if row is not None else 0
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database is away: %s.", type(error).__name__)
                self._pause.wait(RETRY_SECONDS)
            finally:
                close_old_connections()

    # Rows -------------------------------------------------------------------------

    def _write_until_done(self, batch: Batch) -> None:
        again = False
        while not self._write(batch, again=again):
            again = True
            self._pause.wait(RETRY_SECONDS)

    def _write(self, batch: Batch, *, again: bool) -> bool:
        close_old_connections()
        written = RowCounts()
        try:
            with transaction.atomic():
                for line in batch.lines:
                    self._write_one(line, written)
                JournalPosition.objects.bulk_create(
                    [JournalPosition(name=batch.segment, position_bytes=batch.end_bytes)],
                    update_conflicts=True,
                    unique_fields=["name"],
                    update_fields=["position_bytes", "moved_at"],
                )
        except (DatabaseError, InterfaceError) as error:
            # Once is borne: SQLite has refused a savepoint for statements that nobody had open.
            tell = logger.exception if again else logger.warning
            tell("Call rows could not be written (%s); trying again.", type(error).__name__)
            return False
        finally:
            close_old_connections()
        written.add_to_metrics()  # Not before: what is rolled back is written again.
        return True

    def _write_one(self, line: bytes, written: RowCounts) -> None:
        try:
            happening = decoded(line)
            with transaction.atomic():
                ended_by = call_rows.write(happening)
            written.count(happening, ended_by)
        except NotWritable as error:
            logger.error("%s", error)
        except Exception as error:  # One bad value must not hold up every other call's record.
            refused = isinstance(error, (DataError, IntegrityError))
            if isinstance(error, (DatabaseError, InterfaceError)) and not refused:
                raise
            # Without the message: it quotes the value, which may be what a caller said.
            kind, problem = type(happening).__name__, type(error).__name__
            logger.error("A %s could not be written: %s.", kind, problem)

    def _drop(self, segment: str | None) -> None:
        """The journal's file is gone, so nothing asks for its position again."""
        if segment is None:
            return
        old = timezone.now() - timedelta(days=POSITIONS_KEPT_DAYS)
        try:
            JournalPosition.objects.filter(name=segment).delete()
            JournalPosition.objects.filter(moved_at__lt=old).delete()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("A journal's position stays: %s.", type(error).__name__)
        finally:
            close_old_connections()
