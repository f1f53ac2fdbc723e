"""`manage.py demo`: providers, server, one call, its record; then it keeps serving."""

import asyncio
import json
import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rehearsal.caller import SCRIPTS, SimulatedCaller, Target
from rehearsal.caller.script import CallScript
from rehearsal.demo.claims import claims
from rehearsal.demo.environment import DemoPlace, find_place
from rehearsal.demo.page import timeline, transcript, verdicts
from rehearsal.demo.processes import DemoError, Processes

READY_SECONDS = 90.0
# The known customer of customers/fixtures/rehearsal.json.
CUSTOMER, CUSTOMER_NUMBER = "Maria Lopes", "+12025550143"


class Command(BaseCommand):
    help = "Set up, place one simulated call, show it, and keep serving. No keys needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="exit after the call")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--providers-port", type=int, default=8090)

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        place = find_place(options["port"], options["providers_port"])
        try:
            with Processes(place.environment(), place.folder) as processes:
                self._demonstrate(place, processes, once=options["once"])
        except DemoError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.stdout.write("\nEverything is stopped.")

    def _demonstrate(self, place: DemoPlace, processes: Processes, *, once: bool) -> None:
        self._start(place, processes)
        held = self._call(place, processes)
        if once:
            if not held:
                raise CommandError("Not everything held: see ✗ above.")
            return
        self.stdout.write(
            "\nMore calls, from another terminal:\n"
            f"  .venv/bin/python manage.py rehearse --base-url {place.base_url} "
            f"--public-base-url {place.base_url} --providers-url {place.providers_url} "
            f"--account-sid {place.account_sid} --auth-token {place.auth_token}"
        )
        self.stdout.write(f"\nStill serving on {place.base_url} — Ctrl-C ends everything.")
        raise CommandError(processes.wait_for_any_end())

    def _start(self, place: DemoPlace, processes: Processes) -> None:
        began = time.monotonic()
        self.stdout.write("Setting up: database, offline providers, server …")
        processes.start("providers", "providers", "--port", str(place.providers_port))
        processes.run("migrate", "--verbosity", "0")
        processes.run("loaddata", "rehearsal", "--verbosity", "0")
        processes.run("createsuperuser", "--noinput", "--username", "admin", "--email", "")
        processes.start("server", "serve", "--port", str(place.port))
        health = processes.wait_until(
            "providers", f"{place.providers_url}/rehearsal/health", READY_SECONDS
        )
        processes.wait_until("server", f"{place.base_url}/readyz", READY_SECONDS)
        self.stdout.write(f"Ready after {time.monotonic() - began:.1f} s.")
        self.stdout.write(
            f"Stand-ins for the vendors: ears {health['ears']}, voice {health['voice']}, "
            "model: a scripted receptionist, not an AI."
        )
        if health["ears"] == "typed" or health["voice"] == "tone":
            self.stdout.write("`make voices` installs real speech recognition and a real voice.")

    def _call(self, place: DemoPlace, processes: Processes) -> bool:
        """Make the call and show it. Whether everything claimed was observed."""
        self.stdout.write(
            f"\n{CUSTOMER} calls, asks for the opening hours, interrupts, says goodbye …\n"
        )
        target = Target(
            base_url=place.base_url,
            public_base_url=place.base_url,
            providers_url=place.providers_url,
            account_sid=place.account_sid,
            auth_token=place.auth_token,
        )
        script = CallScript("hours", SCRIPTS["hours"].steps, from_number=CUSTOMER_NUMBER)
        report = asyncio.run(SimulatedCaller(target).call(script, place.folder))
        record = _record(processes, report.call_sid)
        found = claims(report, record, CUSTOMER)
        self.stdout.write(timeline(report, record) + "\n")
        self.stdout.write(transcript(record) + "\n")
        self.stdout.write(verdicts(found) + "\n")
        self.stdout.write(f"What the caller heard (right channel): {report.wav_path}")
        self.stdout.write(f"The record in the admin: {place.base_url}{record['admin_path']}")
        self.stdout.write(f"Log in as admin with the password {place.admin_password}")
        return all(claim.holds for claim in found)


def _record(processes: Processes, call_sid: str) -> dict[str, Any]:
    """The call's record once it is closed; rows follow a call within a second."""
    deadline = time.monotonic() + 10.0
    while True:
        record: dict[str, Any] = json.loads(processes.run("call_record", call_sid))
        if record["ended_at"] is not None or time.monotonic() > deadline:
            return record


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
