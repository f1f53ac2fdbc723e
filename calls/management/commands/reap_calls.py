"""`manage.py reap_calls`: close the records of calls that a dead server left open."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils import timezone

from calls.call_log import call_log
from calls.journal_search import on_their_way
from calls.reaper import abandoned, reap

WRITTEN_SECONDS = 30.0


class Command(BaseCommand):
    help = "Close the records of calls that a dead server left open. Servers do so themselves."

    def handle(self, *args: Any, **options: Any) -> None:
        call_log.start()  # A journal that a killed process left may say it better.
        try:
            _wait_for_journals()
            closed = reap()
        except Error as error:
            raise CommandError(f"The database did not answer: {error}") from error
        if not call_log.flush(WRITTEN_SECONDS):
            raise CommandError("The database takes too long: what was found is in the journal.")
        self.stdout.write(f"Closed {closed} calls.")


def _wait_for_journals() -> None:
    until = time.monotonic() + WRITTEN_SECONDS
    while time.monotonic() < until:
        waiting = abandoned(timezone.now()).values_list("call_sid", flat=True)
        if not on_their_way(list(waiting)):
            return
        time.sleep(0.1)
