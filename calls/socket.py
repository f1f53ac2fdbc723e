"""The caller's WebSocket, as the session sees it."""

import asyncio
from collections.abc import Awaitable, Callable

SendText = Callable[[str], Awaitable[None]]

# uvicorn waits until the peer has read what was sent before, and until it agrees to a close, for a
# dead one up to 20 s. Daphne waits for neither.
SEND_SECONDS = 5.0
CLOSE_SECONDS = 1.0


class Socket:
    """Sends text until the peer is gone; after that, nothing that is sent can do harm."""

    def __init__(self, send_text: SendText, close: Callable[[int], Awaitable[None]]) -> None:
        self._send_text = send_text
        self._close = close
        self._closing: asyncio.Task[None] | None = None
        self.closed = asyncio.Event()

    @property
    def closed_by_us(self) -> bool:
        return self._closing is not None

    async def send_text(self, text: str) -> None:
        if self.closed.is_set():
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send_text(text)
        except TimeoutError:
            self.close_soon()
        except (OSError, RuntimeError):
            # uvicorn raises when the peer has gone and its disconnect is still on the way to us.
            self.closed.set()

    async def close(self, code: int = 1000) -> None:
        """Close, and give the peer a moment to agree."""
        self.close_soon(code)
        if self._closing is not None:
            await asyncio.wait([self._closing], timeout=CLOSE_SECONDS)

    def close_soon(self, code: int = 1000) -> None:
        """Close without waiting for it; nothing is sent from here on."""
        if not self.closed.is_set():
            self.closed.set()
            self._closing = asyncio.create_task(self._tell(code), name="close socket")

    async def _tell(self, code: int) -> None:
        try:
            await self._close(code)
        except (OSError, RuntimeError):
            return
