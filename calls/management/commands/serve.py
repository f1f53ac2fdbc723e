"""`manage.py serve`: Daphne with this product's limits, warmed up before it answers a call."""

import asyncio
import resource
import sys
from argparse import ArgumentParser
from typing import Any

from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server, reactor
from django.core.checks import Tags, run_checks
from django.core.management.base import BaseCommand, CommandError
from twisted.internet.defer import Deferred

from calls import daphne_requests, warmup
from calls.call_log import call_log
from calls.live import live_calls
from calls.models import EndedBy

LAST_WORDS_SECONDS = 8.0
MAX_FRAME_BYTES = 65_536
MOST_OPEN_FILES = 65_536
BACKLOG = 1_024  # connections that wait to be accepted; with Twisted's 50, a burst waits seconds


class Command(BaseCommand):
    help = "Serve calls and the admin (--role voice or web: only one of them)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", choices=("all", "voice", "web"), default="all")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        # Said, not obeyed: an agent without a clip is no reason to answer nobody at all.
        for message in run_checks(tags=[Tags.database], databases=["default"]):
            self.stderr.write(str(message))
        daphne_requests.install()
        allow_many_connections()
        server = Server(
            application=get_default_application(),
            endpoints=[
                f"{endpoint}:backlog={BACKLOG}"
                for endpoint in build_endpoint_description_strings(host=host, port=port)
            ],
            http_timeout=60,
            websocket_max_message_size=MAX_FRAME_BYTES,
            websocket_max_frame_size=MAX_FRAME_BYTES,
            application_close_timeout=30,
            ping_interval=10,
            ping_timeout=10,
            server_name="voiceagent",
        )
        reactor.addSystemEventTrigger("before", "shutdown", end_calls)
        self.stdout.write(f"Serving {options['role']} on http://{host}:{port}")
        server.run()
        if not server.listening_addresses:
            raise CommandError(f"Port {port} on {host} cannot be used: is another server running?")
        sys.exit(0)


def allow_many_connections() -> None:
    """The usual 1,024 are used up by whoever opens as many and says nothing."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN_FILES if most == resource.RLIM_INFINITY else min(most, MOST_OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, wanted), most))


def end_calls() -> "Deferred[Any]":
    """Close the calls in progress with their rows; the reactor waits for it."""

    async def finish() -> None:
        warmup.stop()
        live_calls.end_all(EndedBy.DRAIN)
        await live_calls.ended(LAST_WORDS_SECONDS)
        await asyncio.to_thread(call_log.flush, LAST_WORDS_SECONDS)

    return Deferred.fromFuture(asyncio.ensure_future(finish()))
