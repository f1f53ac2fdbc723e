"""Happenings on disk, before they are rows: what a dead database or a killed process cannot lose.

A process appends to segments of its own, each a file of lines that it holds a lock on. Once the
rows of a segment are written, the file goes. A segment that nobody holds is of a process that
ended before that: whoever finds it writes its rows.
"""

import hashlib
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from calls.journal_segments import SUFFIX, Batch, FileSegment, MemorySegment, Segment

logger = logging.getLogger(__name__)

SEGMENT_BYTES = 1_000_000
BATCH_LINES = 500
DISK_AGAIN_SECONDS = 1.0


class Journal:
    """One thread appends; another reads what was appended, in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._news = threading.Condition()
        self._segments: deque[Segment] = deque()  # the last is being appended to
        self._read_bytes = 0  # of the first
        self._failed_at: float | None = None  # monotonic; None while the disk can be written

    def append(self, lines: Sequence[bytes]) -> None:
        with self._news:
            if not self._is_on_disk(lines):
                self._in_memory().append(lines)
            self._news.notify()

    def next_batch(self, timeout_seconds: float) -> Batch | None:
        """What was appended and not yet read; None when there was nothing for so long."""
        with self._news:
            self._news.wait_for(self._is_unread, timeout_seconds)
            if not self._is_unread():
                return None
            return self._segments[0].read(self._read_bytes, BATCH_LINES)

    def written(self, batch: Batch) -> str | None:
        """This batch has become rows. The name of its segment, if nothing is left of that."""
        with self._news:
            self._read_bytes = batch.end_bytes
            first = self._segments[0]
            if batch.end_bytes < first.size_bytes or self._has_room(first):
                return None
            return self._drop_first()

    def forget(self) -> str | None:
        """Nothing comes at the moment: keep no file of what has become rows."""
        with self._news:
            if self._is_unread() or not self._segments:
                return None
            return self._drop_first()

    def _is_unread(self) -> bool:
        while len(self._segments) > 1 and self._read_bytes >= self._segments[0].size_bytes:
            self._drop_first()
        return bool(self._segments) and self._read_bytes < self._segments[0].size_bytes

    def _has_room(self, segment: Segment) -> bool:
        return segment is self._segments[-1] and segment.size_bytes < SEGMENT_BYTES

    def _drop_first(self) -> str:
        dropped = self._segments.popleft()
        self._read_bytes = 0
        dropped.delete()
        return dropped.name

    def _is_on_disk(self, lines: Sequence[bytes]) -> bool:
        """A disk that failed is tried again once a second; until then it is left alone."""
        if self._failed_at is not None and time.monotonic() < self._failed_at + DISK_AGAIN_SECONDS:
            return False
        try:
            self._on_disk().append(lines)
        except OSError as error:
            self._disk_failed(error)
            return False
        if self._failed_at is not None:
            self._failed_at = None
            logger.warning("%s can be written again.", self._folder)
        return True

    def _disk_failed(self, error: OSError) -> None:
        if self._failed_at is None:
            logger.error(
                "%s cannot be written (%s): records of calls wait in memory only.",
                self._folder,
                error,
            )
        self._failed_at = time.monotonic()
        # A full disk makes files and fills none: each attempt would leave one open.
        if self._segments and self._segments[-1].size_bytes == 0:
            with suppress(OSError):
                self._segments.pop().delete()

    def _on_disk(self) -> Segment:
        """Raises OSError."""
        last = self._segments[-1] if self._segments else None
        if not isinstance(last, FileSegment) or not self._has_room(last):
            last = FileSegment.create(self._folder)
            self._segments.append(last)
        return last

    def _in_memory(self) -> Segment:
        last = self._segments[-1] if self._segments else None
        if not isinstance(last, MemorySegment) or not self._has_room(last):
            last = MemorySegment()
            self._segments.append(last)
        return last


def left_behind(folder: Path) -> list[FileSegment]:
    """The segments of processes that are gone. They are this one's from now on."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            segment = FileSegment.adopt(path)
        except OSError as error:
            logger.error("The journal %s cannot be read: %s.", path, error)
            continue
        if segment is not None:
            found.append(segment)
    return found


def folder_of(base: Path, database: Mapping[str, object]) -> Path:
    """Where the journals of this database lie: rows never end up in another one."""
    names = [str(database.get(part, "")) for part in ("ENGINE", "HOST", "PORT", "NAME")]
    return base / hashlib.sha256("|".join(names).encode()).hexdigest()[:16]
