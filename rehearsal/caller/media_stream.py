"""One WebSocket to the server, opened as Twilio opens it. What travels on it is up to the user.

Whoever never calls `receive` plays a peer that stopped reading: pings stay unanswered too.
"""

import asyncio
import socket
import struct
from typing import Self

from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    ClientWSTimeout,
    WSMsgType,
    WSServerHandshakeError,
)

from rehearsal.caller.errors import CallFailed
from rehearsal.caller.target import Target
from rehearsal.caller.webhooks import signature

OPEN_DEADLINE_SECONDS = 10.0
CLOSE_DEADLINE_SECONDS = 2.0
MAX_SERVER_MESSAGE_BYTES = 4 * 1024 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER, zero seconds


class HandshakeRefused(CallFailed):
    """The server did not answer the upgrade with 101. Twilio reports this as 31920."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(f"{url} answered the WebSocket upgrade with {status}.")
        self.status = status


class MediaStream:
    """An open socket: text and binary frames out, frames in, several ways to end it."""

    def __init__(self, http: ClientSession, socket: ClientWebSocketResponse) -> None:
        self._http = http
        self._socket = socket

    @property
    def close_code(self) -> int | None:
        """Why the server closed; 1006 when the connection was lost."""
        return self._socket.close_code

    async def send_text(self, text: str) -> bool:
        """False when the socket is closed by now."""
        try:
            await self._socket.send_str(text)
        except (ClientError, OSError):
            return False
        return True

    async def send_binary(self, data: bytes) -> bool:
        """Twilio never does this."""
        try:
            await self._socket.send_bytes(data)
        except (ClientError, OSError):
            return False
        return True

    async def receive(self, deadline_seconds: float | None = None) -> str | bytes | None:
        """The next frame from the server; None once it closed. TimeoutError at the deadline."""
        message = await self._socket.receive(deadline_seconds)
        if message.type is WSMsgType.TEXT:
            return str(message.data)
        if message.type is WSMsgType.BINARY:
            return bytes(message.data)
        return None

    async def close(self) -> None:
        """Close politely, and give the server two seconds to agree."""
        await self._socket.close()
        await self._http.close()

    async def reset(self) -> None:
        """Break the TCP connection off (RST), as a crash in the network would."""
        raw = self._socket.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()


async def open_stream(
    target: Target, url: str, *, upgrade_signature: str | None = None
) -> MediaStream:
    """Open the socket of a <Stream url>. The upgrade is signed, unless a signature is given."""
    headers = {"User-Agent": "Twilio.TmeWs/1.0"}
    signed = signature(target, url, {}) if upgrade_signature is None else upgrade_signature
    if signed:
        headers["X-Twilio-Signature"] = signed
    http = ClientSession()
    try:
        async with asyncio.timeout(OPEN_DEADLINE_SECONDS):
            socket = await http.ws_connect(
                target.reachable(url),
                headers=headers,
                timeout=ClientWSTimeout(ws_close=CLOSE_DEADLINE_SECONDS),
                max_msg_size=MAX_SERVER_MESSAGE_BYTES,
            )
    except WSServerHandshakeError as error:
        await http.close()
        raise HandshakeRefused(url, error.status) from None
    except TimeoutError:
        await http.close()
        raise CallFailed(f"{url} did not accept the WebSocket within 10 s.") from None
    except (ClientError, OSError) as error:
        await http.close()
        raise CallFailed(f"{url} could not be reached: {error}.") from None
    except BaseException:
        await http.close()
        raise
    return MediaStream(http, socket)
