"""Sockets that Daphne refuses before they are open, with the status that the application chose.

Daphne knows 403 alone, and a proxy takes that for an answer. With 503 it asks another server. The
application says so by ASGI's "websocket denial response", which uvicorn has as well. What is
overridden is in part private, and Daphne is pinned; tests/servers/test_drain.py fails when it goes.
"""

from collections.abc import Mapping
from typing import Any

import autobahn.websocket.protocol
import daphne.server
from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from calls.denial import DENIAL


def install() -> None:
    """For every daphne.server.Server that is run from now on."""
    daphne.server.WebSocketFactory = DeniableFactory
    # Autobahn prints its 36 options for a log that nobody keeps: half the time that a socket took.
    autobahn.websocket.protocol.pformat = _not_printed  # type: ignore[attr-defined, assignment]


def _not_printed(_options: object) -> str:
    return ""


class DeniableProtocol(WebSocketProtocol):
    """One socket. The body of a denial is not sent: nobody reads it."""

    _denial: Mapping[str, Any] | None = None

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


class DeniableFactory(WebSocketFactory):
    protocol = DeniableProtocol
