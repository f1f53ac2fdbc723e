"""Sockets of Daphne that are refused with a status of our choosing, and whose frames are counted
and, as far as they are what Twilio sends, read by the short way.

Daphne knows 403 alone, and a proxy takes that for an answer. With 503 it asks another server. The
application says so by ASGI's "websocket denial response", which uvicorn has as well. What is
overridden is in part private, and Daphne and Autobahn are pinned; tests/servers/test_drain.py and
tests/servers/test_frame_floods.py fail when it goes.
"""

import time
from collections.abc import Mapping
from typing import Any

import autobahn.websocket.protocol
import daphne.server
from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from calls import refusals
from calls.denial import DENIAL
from calls.frame_allowance import FrameAllowance
from calls.refusals import Refused
from calls.whole_frames import whole_frame

CONTROL = 8  # opcodes from here on; 0 is a further piece of a message


def install() -> None:
    """For every daphne.server.Server that is run from now on."""
    daphne.server.WebSocketFactory = BoundedFactory
    # Autobahn prints its 36 options for a log that nobody keeps: under a profile, half of what a
    # refused socket took.
    autobahn.websocket.protocol.pformat = _not_printed  # type: ignore[attr-defined, assignment]


def _not_printed(_options: object) -> str:
    return ""


class BoundedProtocol(WebSocketProtocol):
    """One socket. The body of a denial is not sent: nobody reads it."""

    transport: Any
    current_frame: Any
    data: bytes
    autoPingTimeoutCall: Any
    _denial: Mapping[str, Any] | None = None
    _allowance: FrameAllowance
    _not_read = False

    def onConnect(self, request: Any) -> Any:
        """Daphne would answer 500, and log a traceback of whatever is not ASCII."""
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            raise ConnectionDeny(code=400, reason="Bad Request")
        return super().onConnect(request)

    def onClose(self, *arguments: Any) -> None:
        if hasattr(self, "server"):  # Else Daphne was never told of it.
            super().onClose(*arguments)

    def processHandshake(self) -> None:
        """Once. What comes before the application has accepted is not read any further."""
        if hasattr(self, "handshake_deferred"):
            self._not_read = True
            self.transport.pauseProducing()
        else:
            super().processHandshake()

    def succeedHandshake(self, protocol: Any) -> None:
        self._allowance = FrameAllowance(time.monotonic())
        if self._not_read:
            self.transport.resumeProducing()
        super().succeedHandshake(protocol)

    def dataReceived(self, data: bytes) -> None:
        """Autobahn takes ten calls for a frame, and formats two lines for a log that nobody keeps:
        a silent call took a third more CPU. All but a whole frame of text is left to it.
        """
        if self.state == self.STATE_OPEN and self.current_frame is None and not self.inside_message:
            data = self._take_whole_frames(self.data + data)
            self.data = b""
        if data:
            self._dataReceived(data)

    def _take_whole_frames(self, data: bytes) -> bytes:
        """What is left. A frame that is too much, or no UTF-8, is left: it is refused there."""
        while (frame := whole_frame(data)) is not None:
            if not self._allowance.takes(len(frame.text), True, time.monotonic()):
                break
            try:
                self.onMessage(frame.text, False)
            except UnicodeDecodeError:
                break
            data = data[frame.end :]
        if self.autoPingTimeoutCall:  # As Autobahn has it: who sends anything is there.
            self._cancelAutoPingTimeoutCall()
        return data

    def onFrameBegin(self) -> None:
        frame = self.current_frame
        whole = frame.fin and 0 < frame.opcode < CONTROL
        if self._allowance.takes(frame.length, whole, time.monotonic()):
            super().onFrameBegin()
        else:
            # At once: a close would be agreed to after all that has come already is parsed.
            refusals.note(Refused.FRAMES)
            self.data = b""
            self.dropConnection(abort=True)

    def serverSend(self, content: Any, binary: bool = False) -> None:
        """At once. Twisted's own turn to write comes behind whatever else is due in the loop: up to
        1.5 ms for the first sound of a greeting. What is not taken now, or fails, is left to it.
        """
        super().serverSend(content, binary)
        if self.transport.connected and not self.transport.disconnecting:
            self.transport.doWrite()

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message.get("type") == f"{DENIAL}.start":
            self._denial = message
        elif message.get("type") == f"{DENIAL}.body":
            self._deny()
        else:
            super().handle_reply(message)

    def failHandshake(
        self, reason: str, code: int = 400, responseHeaders: list[tuple[str, str]] | None = None
    ) -> None:
        if self._denial is not None:
            responseHeaders = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in self._denial.get("headers", [])
            ] + [("Content-Length", "0"), ("Connection", "close")]
        super().failHandshake(reason, code, responseHeaders)

    def _deny(self) -> None:
        if self._denial is None or not hasattr(self, "handshake_deferred"):
            return  # Denied already, or it had no head.
        refused = ConnectionDeny(code=self._denial["status"], reason="Refused")
        self.handshake_deferred.errback(refused)
        del self.handshake_deferred
        self.server.protocol_disconnected(self)


class BoundedFactory(WebSocketFactory):
    protocol = BoundedProtocol
