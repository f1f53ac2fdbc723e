"""The offline providers as one server: all wire protocols on one port."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp import web

from rehearsal.providers import (
    cartesia_batch_stt,
    cartesia_stt,
    cartesia_tts,
    cartesia_tts_events,
    control,
    openai_chat,
    supabase_rest,
    twilio_messages,
    twilio_rest,
)
from rehearsal.providers.backstage import BACKSTAGE, Backstage
from rehearsal.providers.config import ProvidersConfig
from rehearsal.providers.ears.choice import choose_ears
from rehearsal.providers.errors import ProvidersError
from rehearsal.providers.gate import gate
from rehearsal.providers.voices.choice import choose_voice
from rehearsal.providers.voices.speaker import Speaker
from rehearsal.providers.wire_log import WireLog

__all__ = ["ProvidersConfig", "RunningProviders", "build_application", "serve"]

MAX_BODY_BYTES = 16 * 1_048_576
CLOSE_SECONDS = 1.0
PARTS = (
    openai_chat,
    cartesia_stt,
    cartesia_batch_stt,
    cartesia_tts,
    cartesia_tts_events,
    twilio_rest,
    twilio_messages,
    supabase_rest,
    control,
)


@dataclass(frozen=True)
class RunningProviders:
    """`log` and `reset` may be used from other threads."""

    port: int
    backstage: Backstage
    runner: web.AppRunner

    @property
    def log(self) -> WireLog:
        return self.backstage.log

    def reset(self) -> None:
        self.backstage.reset()

    async def close(self) -> None:
        await self.runner.cleanup()


def build_application(config: ProvidersConfig) -> web.Application:
    """Ears and voice are loaded when it starts: a load during a call would stall that call."""
    application = web.Application(
        middlewares=[control.explain_nonsense, gate], client_max_size=MAX_BODY_BYTES
    )
    for part in PARTS:
        part.add_routes(application.router)
    application.cleanup_ctx.append(_loaded(config))
    return application


async def serve(config: ProvidersConfig) -> RunningProviders:
    """Returns once everything is loaded and the port is open."""
    application = build_application(config)
    runner = web.AppRunner(
        application, access_log=None, handler_cancellation=True, shutdown_timeout=CLOSE_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, config.host, config.port).start()
    except OSError as error:
        await runner.cleanup()
        raise ProvidersError(_why_not(error, config)) from None
    port = int(runner.addresses[0][1])
    return RunningProviders(port, application[BACKSTAGE], runner)


def _why_not(error: OSError, config: ProvidersConfig) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {config.port} is taken. Stop what listens there, or choose another: --port 8092."
        )
    return f"Cannot listen at {config.host}:{config.port}: {error.strerror}."


def _loaded(config: ProvidersConfig) -> Callable[[web.Application], AsyncIterator[None]]:
    async def load(application: web.Application) -> AsyncIterator[None]:
        ears = await asyncio.to_thread(choose_ears, config.ears)
        voice = await asyncio.to_thread(choose_voice, config.voice)
        speaker = Speaker(voice)
        application[BACKSTAGE] = Backstage(config, ears, speaker, config.latency)
        yield
        await speaker.close()
        await ears.close()

    return load
