"""Twilio's REST API: who we are there, where it is, and how long we wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError
from django.conf import settings
from twilio.base.exceptions import TwilioException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

# The client imports this at its first use: 600-800 ms in which every call of the process is silent.
from twilio.rest.api import Api  # noqa: F401

# ValueError: a 200 that is not JSON, as a proxy's own page is.
NO_ANSWER = (TwilioException, ClientError, OSError, TimeoutError, ValueError)


class _HttpClient(AsyncTwilioHttpClient):
    """Sends Twilio's requests to TWILIO_API_BASE_URL; the library has no setting for it."""

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        base = urlsplit(settings.TWILIO_API_BASE_URL)
        url = urlsplit(url)._replace(scheme=base.scheme, netloc=base.netloc).geturl()
        return await super().request(method, url, *args, **kwargs)


def has_credentials() -> bool:
    return bool(settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN)


@asynccontextmanager
async def twilio_client(timeout_seconds: float) -> AsyncIterator[Client]:
    """A client for what is done within. Raises TimeoutError when that takes longer."""
    async with asyncio.timeout(timeout_seconds), _HttpClient() as http_client:
        yield Client(
            settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http_client
        )
