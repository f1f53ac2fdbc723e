"""The one thread of a process that finishes recordings, one after the other."""

import logging
import queue
import threading
import time

from django.db import connections

from calls.recording import running_files

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 60.0


class Finisher:
    """The files are the queue that lasts; this one only says that there is something to do."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def expect(self, call_sid: str) -> None:
        """Have this recording finished. Returns at once."""
        self._waiting.put(call_sid)
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="finished recordings", daemon=True
                )
                self._thread.start()

    def _run(self) -> None:
        from calls.recording.finish import finish_recording

        while True:
            call_sid = self._waiting.get()
            try:
                finish_recording(call_sid)
            except Exception:  # A root: the next recording must not wait for this one's storage.
                logger.exception("Call %s: its recording is not finished yet.", call_sid)
            finally:
                connections.close_all()


finisher = Finisher()


def finish_left_behind() -> None:
    """A chore: what a killed process, or a storage that was away, has left."""
    for call_sid in running_files.left_behind(time.time() - AGAIN_SECONDS):
        finisher.expect(call_sid)
