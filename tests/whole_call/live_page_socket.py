"""A page of live calls without a browser: its socket, logged in as somebody."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import websockets
from django.contrib.auth.models import User
from django.test import Client

from tests.staff.people import hire
from tests.whole_call.desk import at_the_desk
from tests.whole_call.rig import Rig

Message = dict[str, Any]


@dataclass
class PageSocket:
    """Everything that the page was told, in order."""

    socket: websockets.ClientConnection
    told: list[Message] = field(default_factory=list)

    async def hear(self, wanted: Callable[[Message], bool], seconds: float = 10.0) -> Message:
        """The first message that fits, of what was told already or comes in time."""
        for message in self.told:
            if wanted(message):
                return message
        async with asyncio.timeout(seconds):
            while True:
                message = json.loads(await self.socket.recv())
                self.told.append(message)
                if wanted(message):
                    return message

    async def hear_of(self, kind: str, **fields: Any) -> Message:
        return await self.hear(
            lambda it: it["kind"] == kind and all(it.get(key) == fields[key] for key in fields)
        )

    async def order(self, order: str, call_sid: str, text: str = "") -> Message:
        """Send it, and wait for its answer."""
        order_id = f"{order} {len(self.told)}"
        wish = {"id": order_id, "order": order, "call": call_sid, "text": text}
        await self.socket.send(json.dumps(wish))
        return await self.hear_of("answer", id=order_id)

    def lines(self, call_sid: str) -> list[tuple[str, str]]:
        return [
            (it["speaker"], it["text"])
            for it in self.told
            if it["kind"] == "line" and it["call"] == call_sid
        ]

    async def closed_with(self, seconds: float = 10.0) -> int | None:
        async with asyncio.timeout(seconds):
            try:
                while True:
                    self.told.append(json.loads(await self.socket.recv()))
            except websockets.ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None


def cookies_of(user: User | None) -> str:
    """As a browser that has logged in sends them."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


@asynccontextmanager
async def page_of(rig: Rig, cookies: str, origin: str = "") -> AsyncIterator[PageSocket]:
    address = rig.base_url.replace("http", "ws", 1) + "/admin/calls/live"
    headers = {"Cookie": cookies} if cookies else {}
    async with websockets.connect(
        address, origin=websockets.Origin(origin or rig.base_url), additional_headers=headers
    ) as socket:
        yield PageSocket(socket)


def logged_in(letter: str) -> str:
    """The cookies of somebody new with this role: the letters of tests/staff/who_may.py."""
    cookies: str = at_the_desk(lambda: cookies_of(hire(letter)))
    return cookies
