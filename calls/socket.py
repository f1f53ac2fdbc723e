"""The caller's WebSocket, as the session sees it."""

import asyncio
from collections.abc import Awaitable, Callable

SendText = Callable[[str], Awaitable[None]]


class Socket:
    """Sends text until the peer is gone; after that, nothing that is sent can do harm."""

    def __init__(self, send_text: SendText, close: Callable[[int], Awaitable[None]]) -> None:
        self._send_text = send_text
        self._close = close
        self.closed = asyncio.Event()

    async def send_text(self, text: str) -> None:
        if self.closed.is_set():
            return
        try:
            await self._send_text(text)
        except (OSError, RuntimeError):
            # uvicorn raises when the peer has gone and its disconnect is still on the way to us.
            self.closed.set()

    async def close(self, code: int = 1000) -> None:
        if self.closed.is_set():
            return
        self.closed.set()
        try:
            await self._close(code)
        except (OSError, RuntimeError):
            return
