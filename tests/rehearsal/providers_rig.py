"""The offline providers, running in the test's own event loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from aiohttp import ClientSession

from rehearsal.providers.server import ProvidersConfig, RunningProviders, serve

QUIET = ProvidersConfig(port=0, ears="typed", voice="tone")


@asynccontextmanager
async def running(**changes: object) -> AsyncIterator[RunningProviders]:
    """With typed ears and tones, unless told otherwise."""
    providers = await serve(replace(QUIET, **changes))
    try:
        yield providers
    finally:
        await providers.close()


def url_of(providers: RunningProviders, path: str = "") -> str:
    return f"http://127.0.0.1:{providers.port}{path}"


def socket_url_of(providers: RunningProviders, path: str = "") -> str:
    return f"ws://127.0.0.1:{providers.port}{path}"


async def put(providers: RunningProviders, path: str, document: object) -> None:
    async with (
        ClientSession() as http,
        http.put(url_of(providers, path), json=document) as response,
    ):
        assert response.status == 200, await response.text()
