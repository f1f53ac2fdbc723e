"""`manage.py mcp_server`: the tools of the agents for any MCP client, without a call."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from mcp.server.stdio import stdio_server

from calls.mcp_http import LOOPBACK, application, listening, serve
from calls.mcp_serving import NoSuchAgent, ServedTools, Standpoint, server
from catalog.snapshot_loading import SnapshotInvalid
from customers.phone import normalise


class Command(BaseCommand):
    help = "Serve the agents' tools to an MCP client, over stdio or (--http) streamable HTTP."
    requires_system_checks: list[str] = []  # What they say of calls is not asked for here.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--caller", help="who would be calling, such as +351200000002")
        parser.add_argument("--agent", default="", help="whose business it is; else the default's")
        parser.add_argument("--http", action="store_true", help="serve over HTTP, at /mcp")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8091)

    def handle(self, *args: Any, **options: Any) -> None:
        host = options["host"]
        if options["http"] and host not in LOOPBACK and not settings.MCP_SERVER_TOKEN:
            raise CommandError(
                f"Others than this machine could reach {host}: set MCP_SERVER_TOKEN first."
            )
        tools = ServedTools(Standpoint(options["agent"], _number(options["caller"])))
        try:
            tools.on_offer()  # Said now, rather than at the first request.
        except (NoSuchAgent, SnapshotInvalid, DatabaseError) as error:
            raise CommandError(str(error)) from error
        if options["http"]:
            self._serve_http(tools, host, options["port"])
        else:
            asyncio.run(_serve_stdio(tools))

    def _serve_http(self, tools: ServedTools, host: str, port: int) -> None:
        try:
            on = listening(host, port)
        except OSError as error:
            raise CommandError(f"Port {port} on {host} cannot be used: {error}.") from error
        self.stdout.write(f"Serving tools on http://{host}:{on.getsockname()[1]}/mcp")
        self.stdout.flush()
        asyncio.run(serve(application(server(tools), settings.MCP_SERVER_TOKEN), on))


async def _serve_stdio(tools: ServedTools) -> None:
    # Whatever prints meanwhile ends up on stderr: the SDK keeps stdout for the protocol.
    serving = server(tools)
    async with stdio_server() as (read, write):
        await serving.run(read, write, serving.create_initialization_options())


def _number(written: str | None) -> str | None:
    if not written:
        return None
    number = normalise(written)
    if number is None:
        raise CommandError(f"{written} is no phone number: write it as +351200000002.")
    return number
