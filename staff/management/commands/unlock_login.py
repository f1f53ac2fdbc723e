"""`manage.py unlock_login NAME`: somebody who failed too often may log in again at once."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from staff.unlocking import unlock


class Command(BaseCommand):
    help = "Let somebody log in again at once who entered too many wrong passwords or codes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the login name")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['name']!r}.")
        unlock(user)
        self.stdout.write(f"{user.get_username()} can log in again.")
