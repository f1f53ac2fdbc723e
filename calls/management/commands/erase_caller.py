"""`manage.py erase_caller +351…`: everything of one caller goes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calls.erasure import CannotErase, erase_caller, found_of
from calls.erasure_counts import Counts, not_ours


class Command(BaseCommand):
    help = "Erase everything of the caller with this number, and say what went."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="with its country code, such as +351200000000")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")
        parser.add_argument("--no-input", action="store_true", help="Do not ask first.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = found_of(options["number"])
            self._tell("Found:", found)
            if options["dry_run"] or found.is_nothing or not self._agreed(options):
                return
            erasure = erase_caller(options["number"])
        except CannotErase as error:
            raise CommandError(str(error)) from error
        self._tell("Erased:", erasure.counts)
        self.stdout.write("What else there may be is not ours to erase. Ask there:")
        for line in not_ours():
            self.stdout.write(f"  {line}")
        if erasure.files_left:
            raise CommandError(
                f"{erasure.files_left} files of recordings could not be deleted: does their "
                "storage answer? Nobody can hear them; `manage.py purge_calls` tries again."
            )

    def _agreed(self, options: dict[str, Any]) -> bool:
        if options["no_input"]:
            return True
        try:
            answer = input("This cannot be undone. Erase it all? [yes/no] ")
        except EOFError as error:
            raise CommandError(
                "Nothing was erased: nobody can be asked here. Say --no-input if it is to go."
            ) from error
        return answer.strip().lower() == "yes"

    def _tell(self, title: str, counts: Counts) -> None:
        self.stdout.write(title)
        for label, count in counts.lines():
            self.stdout.write(f"  {count:>6}  {label}")
