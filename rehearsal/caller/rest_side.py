"""Twilio's REST side of a call: the offline providers play it and tell us what the server asked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientSession, ClientTimeout

from rehearsal.caller.errors import CallFailed

REGISTER_DEADLINE_SECONDS = 5.0
POLL_SECONDS = 25
POLL_DEADLINE = ClientTimeout(total=POLL_SECONDS + 10)


@dataclass(slots=True)
class RestSide:
    """What has been asked of this call over REST. `changed` is set by the first request."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    new_twiml: str = ""  # set when the call was redirected instead of ended
    trouble: str = ""


@contextlib.asynccontextmanager
async def registered_call(
    http: ClientSession, providers_url: str | None, call_sid: str
) -> AsyncIterator[RestSide]:
    """Make the call known as in progress, watch it, and in the end make it known as completed."""
    side = RestSide()
    if providers_url is None:
        yield side
        return
    url = f"{providers_url.rstrip('/')}/rehearsal/calls/{call_sid}"
    await _put_status(http, url, "in-progress")
    watcher = asyncio.create_task(_watch(http, url, side), name=f"rest side of {call_sid}")
    try:
        yield side
    finally:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher
        try:
            await _put_status(http, url, "completed")
        except CallFailed as error:
            side.trouble = side.trouble or str(error)


async def _put_status(http: ClientSession, url: str, status: str) -> None:
    try:
        async with (
            asyncio.timeout(REGISTER_DEADLINE_SECONDS),
            http.put(url, json={"status": status}) as response,
        ):
            if response.status >= 400:
                raise CallFailed(f"{url} answered {response.status} to a status of {status}.")
    except (ClientError, OSError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        raise CallFailed(
            f"The offline providers did not take the call at {url} ({reason}). "
            "Start them with `manage.py providers`, or give another --providers-url."
        ) from None


async def _watch(http: ClientSession, url: str, side: RestSide) -> None:
    question = {"wait_seconds": str(POLL_SECONDS), "known": "in-progress"}
    while not side.changed.is_set():
        try:
            async with http.get(url, params=question, timeout=POLL_DEADLINE) as response:
                answer = await response.json()
            twiml, status = answer.get("twiml"), answer["status"]
        except (ClientError, OSError, TimeoutError, ValueError, KeyError, AttributeError) as error:
            side.trouble = f"The offline providers stopped answering: {type(error).__name__}."
            return
        if twiml:
            side.new_twiml = twiml
            side.changed.set()
        elif status != "in-progress":
            side.changed.set()
