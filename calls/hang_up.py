"""Ending a call at Twilio, over its REST API."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError
from django.conf import settings
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

# The client imports this at its first use: 600-800 ms in which every call of the process is silent.
from twilio.rest.api import Api  # noqa: F401

from calls import metrics

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3.0
ATTEMPTS = 2
CALL_NOT_IN_PROGRESS = 20404  # also what Twilio answers when the caller was quicker


class _HttpClient(AsyncTwilioHttpClient):
    """Sends Twilio's requests to TWILIO_API_BASE_URL; the library has no setting for it."""

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        base = urlsplit(settings.TWILIO_API_BASE_URL)
        url = urlsplit(url)._replace(scheme=base.scheme, netloc=base.netloc).geturl()
        return await super().request(method, url, *args, **kwargs)


async def hang_up(call_sid: str) -> bool:
    """Tell Twilio to end the call. False when it could not be told; then close the socket."""
    return await update_call(call_sid, {"status": "completed"})


async def update_call(call_sid: str, change: Mapping[str, str]) -> bool:
    """Change a live call. One retry; a call that is over already counts as done."""
    if not (settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN):
        return False
    for _attempt in range(ATTEMPTS):
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), _HttpClient() as http_client:
                client = Client(
                    settings.TWILIO_ACCOUNT_SID,
                    settings.TWILIO_AUTH_TOKEN,
                    http_client=http_client,
                )
                await client.calls(call_sid).update_async(**change)
                return True
        except (TwilioRestException, TwilioServiceException) as error:
            if error.code == CALL_NOT_IN_PROGRESS or error.status == 404:
                return True
            logger.warning("Twilio refused to change call %s: %s", call_sid, error.code)
        except (TwilioException, ClientError, OSError, TimeoutError, ValueError) as error:
            # ValueError: a 200 that is not JSON, as a proxy's own page is.
            logger.warning("Twilio's REST API did not answer: %s", type(error).__name__)
        metrics.provider_errors.labels(provider="twilio").inc()
    return False
