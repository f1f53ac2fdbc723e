"""Calls a running server with simulated Twilio callers and prints what they observed."""

import asyncio
import gc
import json
import random
from argparse import ArgumentParser
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from rehearsal.caller import SCRIPTS, CallScript, Target
from rehearsal.caller.crowd import CrowdReport, rehearse
from rehearsal.caller.misbehaviours import MISBEHAVIOURS, RANDOM, misbehaving
from rehearsal.caller.script import DEFAULT_FROM_NUMBER, DEFAULT_TO_NUMBER
from rehearsal.caller.summary import figures, summary
from rehearsal.caller.timeline import one_line, timeline

AT_LENGTH_UP_TO = 4  # more calls than this get one line each


class Command(BaseCommand):
    help = "Call a running server with simulated Twilio callers. Exits 1 when a call failed."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--calls", type=int, default=1, help="how many callers at once (default 1)")
        add("--within", type=float, default=1.0, help="seconds over which they arrive (default 1)")
        add("--script", choices=sorted(SCRIPTS), default="hours", help="what they do")
        names = (*sorted(MISBEHAVIOURS), RANDOM)
        add("--misbehave", choices=names, help="what Twilio never does")
        add("--seed", type=int, default=0, help="makes the same random choices again")
        add("--base-url", default="http://127.0.0.1:8000", help="where the server is reached")
        add("--public-base-url", default=settings.PUBLIC_BASE_URL, help="what it believes it is")
        add("--providers-url", default=settings.OFFLINE_PROVIDERS_URL, help="`none` for none")
        add("--account-sid", default=settings.TWILIO_ACCOUNT_SID)
        add("--auth-token", default=settings.TWILIO_AUTH_TOKEN)
        add("--from", dest="from_number", default=DEFAULT_FROM_NUMBER, help="who calls")
        add("--to", dest="to_number", default=DEFAULT_TO_NUMBER, help="the number dialled")
        add("--voice-fallback-url", default="", help="the number's, for a webhook that fails")
        add("--output", type=Path, default=Path("rehearsals"), help="folder for the recordings")
        add("--json", action="store_true", help="print JSON instead of a timeline")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["calls"] < 1 or options["within"] < 0:
            raise CommandError("--calls must be at least 1, and --within not negative.")
        crowd = _rehearse(options)
        self.stdout.write(_as_json(crowd) if options["json"] else _as_text(crowd))
        if crowd.failed:
            raise CommandError(f"{len(crowd.failed)} of {len(crowd.calls)} calls failed.")


def _rehearse(options: dict[str, Any]) -> CrowdReport:
    chance = random.Random(options["seed"])
    scripts = [_script(options, chance) for _ in range(options["calls"])]
    # A collection of everything Django has loaded takes tens of ms: late frames for all callers.
    gc.collect()
    gc.freeze()
    return asyncio.run(
        rehearse(
            _target(options),
            scripts,
            within_seconds=options["within"],
            output_dir=options["output"],
        )
    )


def _script(options: dict[str, Any], chance: random.Random) -> CallScript:
    script = SCRIPTS[options["script"]]
    script = replace(script, from_number=options["from_number"], to_number=options["to_number"])
    name = options["misbehave"]
    return misbehaving(script, name, chance) if name else script


def _target(options: dict[str, Any]) -> Target:
    if not options["account_sid"] or not options["auth_token"]:
        raise CommandError(
            "Callers sign as Twilio does: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to the "
            "server's, or give --account-sid and --auth-token."
        )
    providers_url = options["providers_url"]
    return Target(
        base_url=options["base_url"],
        public_base_url=options["public_base_url"],
        providers_url=None if providers_url in ("", "none") else providers_url,
        account_sid=options["account_sid"],
        auth_token=options["auth_token"],
        voice_fallback_url=options["voice_fallback_url"],
    )


def _as_text(crowd: CrowdReport) -> str:
    at_length = len(crowd.calls) <= AT_LENGTH_UP_TO
    blocks = [timeline(call) if at_length else one_line(call) for call in crowd.calls]
    return ("\n\n" if at_length else "\n").join(blocks) + "\n\n" + summary(crowd)


def _as_json(crowd: CrowdReport) -> str:
    document = {
        "calls": [call.as_dict() for call in crowd.calls],
        "figures": [asdict(figure) for figure in figures(crowd.calls)],
        "cpu_share_per_call": crowd.cpu_share_per_call,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
