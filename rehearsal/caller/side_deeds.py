"""What a call does beside its stream that Twilio never does: other sockets, webhooks, callbacks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from secrets import token_hex

from aiohttp import ClientSession

from rehearsal.caller.deeds import WENT_ON, Deeds
from rehearsal.caller.errors import CallFailed
from rehearsal.caller.incoming_call import describe, place_call
from rehearsal.caller.media_stream import open_stream
from rehearsal.caller.misdeeds import Misdeed, OpenAnotherSocket, RepeatWebhook, TellStatus
from rehearsal.caller.stream_messages import CONNECTED, MessageWriter
from rehearsal.caller.target import Target
from rehearsal.caller.twiml import StreamVerb
from rehearsal.caller.webhooks import CallIdentity, post_signed, status_form

STATUS_PATH = "/call-status"
FOREIGN_ACCOUNT = "AC" + "f" * 32


class SideDeeds:
    """Each in a task of its own, until it is answered or the call is over."""

    def __init__(
        self, http: ClientSession, target: Target, call: CallIdentity, deeds: Deeds
    ) -> None:
        self.verb: StreamVerb | None = None  # of the stream that is open
        self._http = http
        self._target = target
        self._call = call
        self._deeds = deeds
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, misdeed: Misdeed, number: int, now_ms: Callable[[], float]) -> None:
        match misdeed:
            case OpenAnotherSocket():
                work = self._open_another(misdeed, number, now_ms)
            case RepeatWebhook():
                work = self._repeat_webhook(number, now_ms)
            case TellStatus(status):
                work = self._tell_status(status, number, now_ms)
            case _:
                return  # It happens on the stream.
        task = asyncio.create_task(work, name=f"beside {self._call.call_sid}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """The call is over."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _open_another(
        self, misdeed: OpenAnotherSocket, number: int, now_ms: Callable[[], float]
    ) -> None:
        try:
            if misdeed.token == "of another call":
                async with another_call(self._http, self._target, self._call) as parameters:
                    code = await self._start_another(misdeed, parameters)
            else:
                code = await self._start_another(misdeed, await self._parameters(misdeed))
        except CallFailed as error:
            self._deeds.answered(number, str(error), now_ms())
        else:
            answer = "left it open" if code is None else f"closed it with {code}"
            self._deeds.answered(number, answer, now_ms(), code)

    async def _start_another(
        self, misdeed: OpenAnotherSocket, parameters: dict[str, str]
    ) -> int | None:
        """The code with which the server closed it; None when it did not."""
        assert self.verb is not None
        call = self._call
        if misdeed.foreign_account:
            call = replace(call, account_sid=FOREIGN_ACCOUNT)
        writer = MessageWriter(call, f"MZ{token_hex(16)}")
        async with await open_stream(self._target, self.verb.url) as socket:
            await socket.send_text(CONNECTED)
            await socket.send_text(writer.start(parameters))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(misdeed.deadline_seconds):
                    while await socket.receive() is not None:
                        pass
            return socket.close_code

    async def _parameters(self, misdeed: OpenAnotherSocket) -> dict[str, str]:
        assert self.verb is not None
        if misdeed.token == "fresh":
            answered = await place_call(self._http, self._target, self._call)
            return dict(answered.stream().parameters)
        return forged(dict(self.verb.parameters), misdeed.token)

    async def _repeat_webhook(self, number: int, now_ms: Callable[[], float]) -> None:
        try:
            answered = await place_call(self._http, self._target, self._call)
        except CallFailed as error:
            self._deeds.answered(number, str(error), now_ms())
        else:
            verbs = ", ".join(describe(verb) for verb in answered.verbs)
            self._deeds.answered(number, f"answered {verbs}", now_ms())

    async def _tell_status(self, status: str, number: int, now_ms: Callable[[], float]) -> None:
        url = self._target.public_url(STATUS_PATH)
        form = status_form(self._call, status, now_ms() / 1000)
        try:
            answer = await post_signed(self._http, self._target, url, form)
        except CallFailed as error:
            self._deeds.answered(number, str(error), now_ms())
        else:
            verdict = WENT_ON if answer.status < 400 else f"answered {answer.status}"
            self._deeds.answered(number, verdict, now_ms())


def forged(parameters: dict[str, str], token: str) -> dict[str, str]:
    """The stream's parameters with a token that is not the one it was given."""
    if token == "none":
        return {}
    if token == "made up":
        return {name: token_hex(16) for name in parameters}
    return parameters


@asynccontextmanager
async def another_call(
    http: ClientSession, target: Target, call: CallIdentity
) -> AsyncIterator[dict[str, str]]:
    """Somebody else rings, and never comes to their stream; these would be its parameters."""
    other = CallIdentity(call.from_number, call.to_number, call.account_sid)
    answered = await place_call(http, target, other)
    try:
        yield dict(answered.stream().parameters)
    finally:
        url = target.public_url(STATUS_PATH)
        await post_signed(http, target, url, status_form(other, "completed", 1.0))
