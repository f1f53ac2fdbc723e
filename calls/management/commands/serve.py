"""`manage.py serve`: Daphne with this product's limits, warmed up before it answers a call."""

import resource
import sys
from argparse import ArgumentParser
from typing import Any

from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from django.core.checks import Tags, run_checks
from django.core.management.base import BaseCommand, CommandError

from calls import daphne_requests, daphne_sockets
from calls.daphne_server import QuietServer
from calls.shutdown import Shutdown

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
        daphne_sockets.install()
        allow_many_connections()
        server = QuietServer(
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
        Shutdown(server, self.stdout.write).listen()
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
