"""At most a few lines a second of what strangers can have written as often as they like."""

import logging
import threading
import time
from collections.abc import Callable

LINES_A_SECOND = 5
# Whoever can reach the server can cause these: requests for what is not there, with senseless
# headers, without a signature. Of ours, each kind has its own few lines.
CAUSED_BY_STRANGERS = ("calls.refusals", "django.request", "django.security", "daphne")


class FewLines(logging.Filter):
    """The first line of the next second says how many were left out.

    Without it, unsigned requests fill the disk: 1,000 a second are 10 GB a day.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._lock = threading.Lock()
        self._seconds: dict[tuple[str, int, str], _Second] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(CAUSED_BY_STRANGERS):
            return True
        key = (record.name, record.levelno, getattr(record, "kind", ""))
        with self._lock:
            left_out = self._seconds.setdefault(key, _Second()).one_more(self._now())
        if left_out is None:
            return False
        if left_out:
            record.msg = f"{record.msg} ({left_out} more like it were left out.)"
        return True


class _Second:
    def __init__(self) -> None:
        self._began = float("-inf")
        self._written = 0
        self._left_out = 0

    def one_more(self, now: float) -> int | None:
        """How many were left out before this line; None when it is left out as well."""
        if now - self._began >= 1.0:
            self._began, self._written = now, 0
        if self._written >= LINES_A_SECOND:
            self._left_out += 1
            return None
        self._written += 1
        left_out, self._left_out = self._left_out, 0
        return left_out
