"""Cartesia's sockets on a local port: keeps what arrives, and says what a test tells it to."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

PATIENCE_SECONDS = 5.0


class FakeCartesia:
    """One server for speech recognition and synthesis."""

    def __init__(self) -> None:
        self.url = ""
        self.paths: list[str] = []
        self.queries: list[dict[str, str]] = []
        self.keys: list[str | None] = []
        self._received: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._socket: ServerConnection | None = None
        self._server: Server | None = None
        self._opened = asyncio.Event()

    async def start(self) -> None:
        self._server = await serve(self._attend, "127.0.0.1", 0)
        port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def received(self) -> Any:
        """The next message: bytes, a word, or a JSON document."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            message = await self._received.get()
        if isinstance(message, str) and message.startswith("{"):
            return json.loads(message)
        return message

    async def say(self, **document: Any) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(document))

    async def cut(self) -> None:
        """Break the connection off, without a word."""
        assert self._socket is not None
        self._opened.clear()
        self._socket.transport.abort()

    async def reopened(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._opened.wait()

    async def final(self, text: str) -> None:
        await self.say(type="transcript", is_final=True, text=text, language="pt")

    async def _attend(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        parts = urlsplit(socket.request.path)
        self.paths.append(parts.path)
        self.queries.append(dict(parse_qsl(parts.query)))
        self.keys.append(socket.request.headers.get("X-API-Key"))
        self._socket = socket
        self._opened.set()
        try:
            async for message in socket:
                self._received.put_nowait(message)
        except ConnectionClosed:
            return
