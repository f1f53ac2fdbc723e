"""One WebSocket to the server, opened as Twilio opens it. What travels on it is up to the user."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Self

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.uri import parse_uri

from rehearsal.caller.errors import CallFailed
from rehearsal.caller.frames import BINARY, frame, text_frame
from rehearsal.caller.target import Target
from rehearsal.caller.webhooks import signature
from rehearsal.caller.wire import OnFrame, Wire

OPEN_DEADLINE_SECONDS = 10.0
MAX_SERVER_MESSAGE_BYTES = 4 * 1024 * 1024


class HandshakeRefused(CallFailed):
    """The server did not answer the upgrade with 101. Twilio reports this as 31920."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(f"{url} answered the WebSocket upgrade with {status}.")
        self.status = status


class MediaStream:
    """An open socket: text and binary frames out, frames in, several ways to end it.

    Frames are fetched with `receive`, or handed over to whom `listen` names. Whoever does neither
    plays a peer that stopped reading: pings stay unanswered too.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting: deque[str | bytes] = deque(wire.early)
        self._news = asyncio.Event()
        wire.on_frame = self._keep
        wire.on_gone = self._news.set
        wire.pause()

    @property
    def close_code(self) -> int | None:
        """Why the server closed; 1006 when the connection was lost."""
        return self._wire.close_code

    @property
    def unsent_bytes(self) -> int:
        """What waits here because the server does not read."""
        return self._wire.unsent_bytes

    def send_frame(self, ready: bytes) -> bool:
        """A frame of frames.py, at once. False when the socket is closed by now."""
        return self._wire.send(ready)

    async def send_text(self, text: str) -> bool:
        """False when the socket is closed by now. Waits while the server does not read."""
        sent = self._wire.send(text_frame(text))
        await self._wire.drain()
        return sent

    async def send_binary(self, data: bytes) -> bool:
        """Twilio never does this."""
        sent = self._wire.send(frame(BINARY, data))
        await self._wire.drain()
        return sent

    async def receive(self, deadline_seconds: float | None = None) -> str | bytes | None:
        """The next frame from the server; None once it closed. TimeoutError at the deadline."""
        if not self._waiting and self.close_code is None:
            self._news.clear()
            self._wire.resume()
            try:
                async with asyncio.timeout(deadline_seconds):
                    await self._news.wait()
            finally:
                self._wire.pause()
        return self._waiting.popleft() if self._waiting else None

    def listen(self, on_frame: OnFrame, on_gone: Callable[[], None]) -> None:
        """From now on, call these for each frame, and when the server has closed."""
        self._wire.on_frame, self._wire.on_gone = on_frame, on_gone
        while self._waiting:
            on_frame(self._waiting.popleft())
        if self.close_code is not None:
            on_gone()
        self._wire.resume()

    def stop_reading(self) -> None:
        self._wire.pause()

    def go_on_reading(self) -> None:
        self._wire.resume()

    async def close(self, code: int = 1000) -> None:
        """Close politely, and give the server two seconds to agree."""
        self._wire.on_frame = lambda _frame: None
        await self._wire.close(code)

    async def reset(self) -> None:
        """Break the TCP connection off (RST), as a crash in the network would."""
        await self._wire.reset()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    def _keep(self, frame: str | bytes) -> None:
        self._waiting.append(frame)
        self._news.set()


async def open_stream(
    target: Target, url: str, *, upgrade_signature: str | None = None
) -> MediaStream:
    """Open the socket of a <Stream url>. The upgrade is signed, unless a signature is given."""
    signed = signature(target, url, {}) if upgrade_signature is None else upgrade_signature
    try:
        uri = parse_uri(target.reachable(url))
    except InvalidURI as error:
        raise CallFailed(f"{url} is no WebSocket address: {error}.") from None
    websocket = ClientProtocol(uri, max_size=MAX_SERVER_MESSAGE_BYTES)
    request = websocket.connect()
    request.headers["User-Agent"] = "Twilio.TmeWs/1.0"
    if signed:
        request.headers["X-Twilio-Signature"] = signed
    wire: Wire | None = None
    try:
        async with asyncio.timeout(OPEN_DEADLINE_SECONDS):
            _transport, wire = await asyncio.get_running_loop().create_connection(
                lambda: Wire(websocket, request),
                uri.host,
                uri.port,
                ssl=ssl.create_default_context() if uri.secure else None,
            )
            await wire.opened
    except BaseException as error:
        if wire is not None:
            await wire.reset()
        raise _in_words(url, error) from None
    return MediaStream(wire)


def _in_words(url: str, error: BaseException) -> BaseException:
    if isinstance(error, InvalidStatus):
        return HandshakeRefused(url, error.response.status_code)
    if isinstance(error, TimeoutError):
        return CallFailed(f"{url} did not accept the WebSocket within 10 s.")
    if isinstance(error, OSError | InvalidHandshake):
        return CallFailed(f"{url} could not be reached: {error}.")
    return error
