"""What happens to calls, on its way to the rows: queued, journalled, written behind.

Nothing on the audio path waits for a disk or the database. One thread appends what is posted to a
journal; another turns the journal into rows, and tries again while the database is away. A process
that is killed leaves its journal to whoever starts next.
"""

import atexit
import functools
import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection

from calls.happenings import Happening
from calls.journal import Journal, folder_of
from calls.journal_lines import NotWritable, encoded
from calls.journal_rows import JournalRows

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 500


class CallLog:
    """Post from any thread or loop; rows follow within a moment."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Happening | threading.Event] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._rows: JournalRows | None = None
        self._listeners: list[Callable[[Happening], None]] = []

    def post(self, happening: Happening) -> None:
        """Have this written. Returns at once."""
        self._queue.put(happening)
        if self._rows is None:
            self.start()
        for listener in self._listeners:
            listener(happening)

    def listen(self, listener: Callable[[Happening], None]) -> None:
        """Call this with everything posted, in the thread that posts: it must return at once."""
        self._listeners.append(listener)

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until everything posted so far is written. False when that took too long."""
        if self._rows is None:
            return True
        written = threading.Event()
        self._queue.put(written)
        return written.wait(timeout_seconds)

    def start(self) -> None:
        """Begin now, and with what killed processes left behind."""
        with self._starting:
            if self._rows is not None:
                return
            folder = folder_of(Path(settings.CALL_LOG_DIR), connection.settings_dict)
            journal = Journal(folder)
            rows = JournalRows(journal, folder)
            append = functools.partial(self._append, journal, rows)
            for name, work in (("call rows", rows.run), ("call journal", append)):
                threading.Thread(target=work, name=name, daemon=True).start()
            self._rows = rows
            atexit.register(self.flush, 5.0)

    def _append(self, journal: Journal, rows: JournalRows) -> None:
        while True:
            posted = self._take_posted()
            lines = [line for line in map(_line, posted) if line is not None]
            flushes = [item for item in posted if isinstance(item, threading.Event)]
            if lines:
                journal.append(lines)
            rows.expect(len(lines), flushes)

    def _take_posted(self) -> list[Happening | threading.Event]:
        posted = [self._queue.get()]
        while len(posted) < MOST_AT_ONCE:
            try:
                posted.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return posted


def _line(posted: Happening | threading.Event) -> bytes | None:
    if isinstance(posted, threading.Event):
        return None
    try:
        return encoded(posted)
    except NotWritable as error:  # One bad value must not hold up every other call's record.
        logger.error("%s", error)
        return None


call_log = CallLog()
