"""`manage.py reset_totp NAME`: for whoever has lost both the telephone and the backup codes."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from staff.deeds import Deed
from staff.second_factor.devices import remove


class Command(BaseCommand):
    help = (
        "Take somebody's two-step log-in away; with REQUIRE_TOTP it is set up at the next log-in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the login name")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['name']!r}.")
        if not remove(user, Deed.RESET):
            raise CommandError(f"{user.get_username()} has not set up two-step log-in.")
        self.stdout.write(f"{user.get_username()} now logs in with the password alone.")
