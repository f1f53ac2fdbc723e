"""Stands before the application and notes which calls rang, and of which Twilio said they ended."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

RANG, TOLD = "/incoming-call", "/call-status"
OVER = {"completed", "canceled", "busy", "no-answer", "failed"}

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class Witness:
    """`rang` and `told_over` are call SIDs whose webhook, and last callback, were accepted."""

    def __init__(self, application: Application) -> None:
        self.rang: set[str] = set()
        self.told_over: set[str] = set()
        self._application = application

    def forget(self) -> None:
        self.rang.clear()
        self.told_over.clear()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in (RANG, TOLD):
            await self._application(scope, receive, send)
            return
        body = bytearray()

        async def receive_and_keep() -> Message:
            message = await receive()
            body.extend(message.get("body") or b"")
            return message

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300:
                self._note(scope["path"], parse_qs(body.decode(errors="replace")))
            await send(message)

        await self._application(scope, receive_and_keep, send_and_note)

    def _note(self, path: str, form: dict[str, list[str]]) -> None:
        call_sid = form.get("CallSid", [""])[0]
        if path == RANG:
            self.rang.add(call_sid)
        elif form.get("CallStatus", [""])[0] in OVER:
            self.told_over.add(call_sid)
