"""A WebSocket straight on asyncio's transport: no task, no queue and no lock for a frame.

The handshake, incoming frames, pings and the closing handshake are the websockets library's, which
knows nothing of sockets here; outgoing messages bypass it (see frames.py). There is no compression.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import cast

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import OPEN

FAREWELL_SECONDS = 2.0
NO_CODE, LOST = 1005, 1006
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER, zero seconds

OnFrame = Callable[[str | bytes], None]


class Wire(asyncio.Protocol):
    """One connection. `on_frame` and `on_gone` are called from the event loop."""

    def __init__(self, websocket: ClientProtocol, request: Request) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()
        self.early: list[str | bytes] = []  # what came before anybody listened
        self.on_frame: OnFrame = self.early.append
        self.on_gone: Callable[[], None] = lambda: None
        self.close_code: int | None = None  # of the server; 1006: the connection was lost
        self._websocket = websocket
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._pieces: list[bytes] = []  # of a fragmented message
        self._is_text = False

    # What goes out --------------------------------------------------------------

    def send(self, frame: bytes) -> bool:
        """False when the connection is closed, or about to be."""
        transport = self._transport
        if transport is None or transport.is_closing() or self._websocket.state is not OPEN:
            return False
        transport.write(frame)
        return True

    @property
    def unsent_bytes(self) -> int:
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    async def drain(self) -> None:
        """Wait until the peer has taken most of what was sent."""
        await self._writable.wait()

    def pause(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    async def close(self, code: int) -> None:
        """The closing handshake; the server has two seconds for its part."""
        if self._transport is None:
            return
        if self._websocket.state is OPEN:
            self._websocket.send_close(code)
            self._flush()
        self.resume()
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await asyncio.shield(self.lost)
        except TimeoutError:
            self._transport.abort()
            await self.lost

    async def reset(self) -> None:
        """Break the TCP connection off (RST), as a crash in the network would."""
        if self._transport is None:
            return
        raw = self._transport.get_extra_info("socket")
        if raw is not None and not self._transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()
        await self.lost

    # What asyncio tells ---------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._websocket.send_request(self._request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._websocket.receive_data(data)
        self._flush()
        for event in self._websocket.events_received():
            if isinstance(event, Response):
                self._take_answer()
            elif isinstance(event, Frame):
                self._take_frame(event)

    def eof_received(self) -> None:
        self._websocket.receive_eof()

    def connection_lost(self, _error: Exception | None) -> None:
        self._websocket.receive_eof()
        self._writable.set()
        if not self.opened.done():
            self.opened.set_exception(ConnectionResetError("the connection was closed"))
        self._gone(LOST)
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # What the server says -------------------------------------------------------

    def _take_answer(self) -> None:
        if self.opened.done():
            return
        if self._websocket.handshake_exc is not None:
            self.opened.set_exception(self._websocket.handshake_exc)
        else:
            self.opened.set_result(None)

    def _take_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            closed = self._websocket.close_rcvd
            self._gone(NO_CODE if closed is None else closed.code)
            # The server closes the TCP connection next. If it does not, we do.
            asyncio.get_running_loop().call_later(FAREWELL_SECONDS, self._abort)
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CONT:
                self._is_text = frame.opcode is Opcode.TEXT
            self._pieces.append(bytes(frame.data))
            if frame.fin:
                whole = b"".join(self._pieces)
                self._pieces.clear()
                self.on_frame(whole.decode(errors="replace") if self._is_text else whole)

    def _gone(self, code: int) -> None:
        if self.close_code is None:
            self.close_code = code
            self.on_gone()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        for data in self._websocket.data_to_send():
            if self._transport is not None and data and not self._transport.is_closing():
                self._transport.write(data)
