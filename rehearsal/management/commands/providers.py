"""`manage.py providers`: the stand-ins for the vendors, until Ctrl-C."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError

from rehearsal.providers.config import EarsChoice, ProvidersConfig, VoiceChoice
from rehearsal.providers.errors import ProvidersError
from rehearsal.providers.latency import LATENCY_NAMES, parse_latency
from rehearsal.providers.openai_chunks import MODEL
from rehearsal.providers.server import RunningProviders, serve

SERVED = """\
Offline providers at http://{host}:{port} (Ctrl-C ends them)

  OpenAI    chat completions      /v1/chat/completions    model: {model}
  Cartesia  speech to text        /stt/websocket          ears: {ears}
  Cartesia  text to speech        /tts/websocket          voice: {voice}
  Supabase  rows over REST        /rest/v1/...            the customer directory's tables, empty
  Twilio    calls over REST       /2010-04-01/...         as registered by simulated callers
  what reached the wire           /rehearsal/log          state: /rehearsal/health

These are stand-ins for a rehearsal. The model is a script: nothing here is an AI."""
HINT = "Without the offline voices there are tones and typed text; `make voices` installs them."


class Command(BaseCommand):
    help = "Run offline stand-ins for OpenAI, Cartesia, Supabase and Twilio's REST API."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        default = ProvidersConfig()
        parser.add_argument("--host", default=default.host)
        parser.add_argument("--port", type=int, default=default.port)
        parser.add_argument("--ears", choices=get_args(EarsChoice), default=default.ears)
        parser.add_argument("--voice", choices=get_args(VoiceChoice), default=default.voice)
        parser.add_argument("--account-sid", default="", help="the only Twilio account let in")
        parser.add_argument("--auth-token", default="")
        for name in LATENCY_NAMES:
            parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=0.0)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            config = ProvidersConfig(
                host=options["host"],
                port=options["port"],
                ears=options["ears"],
                voice=options["voice"],
                account_sid=options["account_sid"],
                auth_token=options["auth_token"],
                latency=parse_latency({name: options[name] for name in LATENCY_NAMES}),
            )
            asyncio.run(self._run(config))
        except ProvidersError as error:
            raise CommandError(str(error)) from None

    async def _run(self, config: ProvidersConfig) -> None:
        asked_to_stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, asked_to_stop.set)
        providers = await serve(config)
        self.stdout.write(self._served(config, providers))
        self.stdout.flush()
        try:
            await asked_to_stop.wait()
        finally:
            await providers.close()

    def _served(self, config: ProvidersConfig, providers: RunningProviders) -> str:
        backstage = providers.backstage
        text = SERVED.format(
            host=config.host,
            port=providers.port,
            model=MODEL,
            ears=backstage.ears.name,
            voice=backstage.speaker.name,
        )
        is_bare = backstage.ears.name == "typed" or backstage.speaker.name == "tone"
        asked_for = config.ears == "typed" or config.voice == "tone"
        return f"{text}\n{HINT}" if is_bare and not asked_for else text
