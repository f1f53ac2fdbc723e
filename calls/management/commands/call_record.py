"""`manage.py call_record CALL_SID`: one call as JSON."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calls.call_record import call_record
from calls.models import Call


class Command(BaseCommand):
    help = "Print the record of one call as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("call_sid")

    def handle(self, *args: Any, **options: Any) -> None:
        call = Call.objects.filter(call_sid=options["call_sid"]).first()
        if call is None:
            raise CommandError(f"No call {options['call_sid']} is on record.")
        self.stdout.write(json.dumps(call_record(call), indent=2, ensure_ascii=False))
