"""Tells the admin that this process answers calls, and from which revision."""

import os
import socket
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from catalog.models import ServingProcess

BEAT_SECONDS = 5.0
GONE_SECONDS = 60.0  # a process that was killed is shown as silent until then


# One for each process that answers calls: its row, and each call it carries, name it.
PROCESS_ID = uuid.uuid4().hex
# A process that was silent for so long has ended, or cannot reach the database.
SILENT_SECONDS = 20.0


class Presence:
    """The row of this process: written when what it says changes, and every few seconds."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, process_id: str = PROCESS_ID
    ) -> None:
        self._now = now
        self._row = ServingProcess(
            process_id=process_id,
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=timezone.now(),
        )
        self._written: tuple[int | None, str] | None = None
        self._written_at = 0.0

    @property
    def process_id(self) -> str:
        """The key of its row."""
        return self._row.process_id

    def show(self, revision: int | None, problem: str) -> None:
        """Raises django.db.Error when the database does not answer."""
        said = (revision, problem)
        if said == self._written and self._now() < self._written_at + BEAT_SECONDS:
            return
        self._row.revision, self._row.problem = revision, problem
        self._row.seen_at = timezone.now()
        self._row.save()
        ServingProcess.objects.filter(
            seen_at__lt=self._row.seen_at - timedelta(seconds=GONE_SECONDS)
        ).delete()
        self._written, self._written_at = said, self._now()

    def leave(self) -> None:
        """This process is about to end."""
        ServingProcess.objects.filter(pk=self._row.pk).delete()
