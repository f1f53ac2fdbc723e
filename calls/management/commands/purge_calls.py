"""`manage.py purge_calls`: erase what was kept for as long as its agent says."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calls.retention import due, purge


class Command(BaseCommand):
    help = "Erase words and recordings of calls that were kept long enough (servers do so too)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            found = due()
            self.stdout.write(
                f"To erase: the words of {found.words.calls} calls, {found.recordings} recordings."
            )
            if found.files_left:
                self.stdout.write(f"Files from before, still to delete: {found.files_left}.")
            return
        purged = purge()
        self.stdout.write(
            f"Erased: the words of {purged.words.calls} calls ({purged.words.utterances} "
            f"utterances, {purged.words.tool_runs} tool runs, {purged.words.reviews} notes), "
            f"{purged.recordings} recordings."
        )
        if purged.files_left:
            raise CommandError(
                f"{purged.files_left} files of recordings could not be deleted: does their storage "
                "answer? Nobody can hear them any more; the next run tries again."
            )
