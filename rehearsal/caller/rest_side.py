"""Twilio's REST side of a call: the offline providers play it and tell us what the server asked."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Self

from aiohttp import ClientError, ClientSession, ClientTimeout

from rehearsal.caller.errors import CallFailed

REGISTER_DEADLINE_SECONDS = 5.0
POLL_SECONDS = 25
POLL_DEADLINE = ClientTimeout(total=POLL_SECONDS + 10)


class RestSide:
    """Makes a call known as in progress, watches it, and makes it known as completed.

    `changed` is set when the server ended or redirected the call; a redirected one goes on.
    Without a `providers_url` nothing plays Twilio's REST API, and nothing ever changes.
    """

    def __init__(self, http: ClientSession, providers_url: str | None, call_sid: str) -> None:
        self.changed = asyncio.Event()
        self.new_twiml = ""  # set when the call was redirected instead of ended
        self.trouble = ""
        self._updates_seen = 0
        self._http = http
        self._call_sid = call_sid
        self._url = (
            f"{providers_url.rstrip('/')}/rehearsal/calls/{call_sid}" if providers_url else ""
        )
        self._watcher: asyncio.Task[None] | None = None

    async def complete(self) -> None:
        """The call is over: from now on its REST resource answers 20404. Once is enough."""
        if self._watcher is None:
            return
        watcher, self._watcher = self._watcher, None
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher
        try:
            await self._put_status("completed")
        except CallFailed as error:
            self.trouble = self.trouble or str(error)

    async def watch_again(self) -> None:
        """The call was redirected, and goes on with a stream: wait for the next word."""
        if self._url and self.changed.is_set():
            self.new_twiml = ""
            self.changed.clear()
            self._watcher = asyncio.create_task(self._watch(), name=f"REST of {self._call_sid}")

    async def news_within(self, seconds: float) -> None:
        """Wait until the server has ended the call or sent it to other TwiML, no longer than so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.changed.wait()

    async def is_over(self) -> bool:
        """Whether the server has ended the call, however it was going on."""
        if not self._url:
            return False
        try:
            return (await self._ask(wait_seconds=0)).is_over
        except (ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self.trouble = f"The offline providers stopped answering ({type(error).__name__})."
            return False

    async def __aenter__(self) -> Self:
        if self._url:
            await self._put_status("in-progress")
            self._watcher = asyncio.create_task(self._watch(), name=f"REST of {self._call_sid}")
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.complete()

    async def _put_status(self, status: str) -> None:
        try:
            async with (
                asyncio.timeout(REGISTER_DEADLINE_SECONDS),
                self._http.put(self._url, json={"status": status}) as response,
            ):
                if response.status >= 400:
                    raise CallFailed(f"{self._url} answered {response.status} to {status}.")
        except (ClientError, OSError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise CallFailed(
                f"The offline providers did not take the call at {self._url} ({reason}). "
                "Start them with `manage.py providers`, or give another --providers-url."
            ) from None

    async def _watch(self) -> None:
        while not self.changed.is_set():
            try:
                news = await self._ask(wait_seconds=POLL_SECONDS)
            except (ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
                reason = type(error).__name__
                self.trouble = f"The offline providers stopped answering ({reason})."
                return
            self._updates_seen += len(news.redirects)
            if news.is_over:
                self.changed.set()
            elif news.redirects:
                self.new_twiml = news.redirects[-1]
                self.changed.set()

    async def _ask(self, *, wait_seconds: int) -> "_News":
        """What is new of the call, once there is news or so many seconds have passed."""
        question = {
            "wait_seconds": str(wait_seconds),
            "known": "in-progress",
            "updates_seen": str(self._updates_seen),
        }
        async with self._http.get(self._url, params=question, timeout=POLL_DEADLINE) as response:
            answer = await response.json()
        updates = answer["updates"][self._updates_seen :]
        return _News(
            is_over=str(answer["status"]) != "in-progress",
            redirects=tuple(str(update["twiml"] or "") for update in updates),
        )


@dataclass(frozen=True, slots=True)
class _News:
    is_over: bool
    redirects: tuple[str, ...]  # the TwiML of each update that is new
