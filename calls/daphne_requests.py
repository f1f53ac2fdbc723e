"""Requests to Daphne that are too large or too slow end here, before all of them is read.

Daphne hands a request on once its whole body is there: a POST of 300 MiB from anybody took 300 MiB
of memory and 590 MiB of disk before its signature was looked at. And Twisted lets a request take
for ever that sends a byte now and then, and any number of connections wait for one. What is
overridden is in part private; both are pinned, and tests/hazards/test_bodies.py and
tests/servers/test_idle_connections.py fail when it goes.
"""

from typing import Any

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from twisted.internet.protocol import connectionDone
from twisted.web import http

from calls import refusals
from calls.body_limits import SMALL, limit_of
from calls.idle_connections import IdleConnections
from calls.refusals import Refused

HEAD_SECONDS = 5  # for the request line and the headers, from the first byte
# Longer than proxies keep an idle connection: one that we close just then loses a webhook.
IDLE_SECONDS = 75.0
# The answer is lost when a connection is closed on which the peer still sends.
LINGER_SECONDS = 2.0
TOO_LARGE = (
    b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 26\r\n\r\n"
    b"The request is too large.\n"
)


idle_connections = IdleConnections()


def install() -> None:
    """For every daphne.server.Server that is run from now on."""
    daphne.server.HTTPFactory = BoundedHTTPFactory


class BoundedRequest(WebRequest):
    """Counts its body, declared or not, and keeps no more of it than it may have."""

    _received_bytes = 0
    _refused = False

    def gotLength(self, length: int | None) -> None:
        if length is not None and length > self.channel.limit.most_bytes:
            self._refuse()
        super().gotLength(0 if self._refused else length)

    def handleContentChunk(self, data: bytes) -> None:
        self._received_bytes += len(data)
        if self._received_bytes > self.channel.limit.most_bytes and not self._refused:
            self._refuse()
        if not self._refused:
            super().handleContentChunk(data)

    def requestReceived(self, *arguments: Any) -> None:
        if not self._refused:
            super().requestReceived(*arguments)

    def _refuse(self) -> None:
        self._refused = True
        self.requestHeaders.removeHeader(b"expect")
        self.channel.refuse()


class BoundedChannel(http.HTTPChannel):
    """One connection: each request on it has so long to come, in all."""

    transport: Any
    limit = SMALL
    _receiving = False

    def connectionMade(self) -> None:
        # Before, not after: with 2,000 timers to sort, making one come sooner took a quarter of
        # the time of a connection.
        self.timeOut = HEAD_SECONDS
        super().connectionMade()
        idle_connections.add(self)

    def resetTimeout(self) -> None:
        """Twisted calls this for whatever comes; only the first byte of a request counts."""
        if not self._receiving:
            self._receiving = True
            idle_connections.leave(self)
            self.setTimeout(HEAD_SECONDS)

    def allHeadersReceived(self) -> None:
        cookies = b"; ".join(self.requests[-1].requestHeaders.getRawHeaders(b"cookie", []))
        path: Any = self._path
        self.limit = limit_of(path, cookies, settings.SESSION_COOKIE_NAME.encode())
        self.setTimeout(self.limit.seconds)
        super().allHeadersReceived()

    def requestDone(self, request: BoundedRequest) -> None:
        self._receiving = False
        self._savedTimeOut = IDLE_SECONDS
        if self.persistent:
            idle_connections.add(self)
        super().requestDone(request)

    def close_idle(self) -> None:
        self.loseConnection()  # Once what was answered is sent, which may take for ever.
        self.callLater(LINGER_SECONDS, self.transport.abortConnection)

    def connectionLost(self, reason: Any = connectionDone) -> None:
        idle_connections.leave(self)
        super().connectionLost(reason)

    def refuse(self) -> None:
        refusals.note(Refused.BODY_TOO_LARGE)
        self.transport.write(TOO_LARGE)
        self.transport.loseWriteConnection()
        self.setTimeout(None)
        self.callLater(LINGER_SECONDS, self.transport.abortConnection)


class BoundedHTTPFactory(HTTPFactory):
    def protocol(self) -> Any:
        return http._GenericHTTPChannelProtocol(BoundedChannel())

    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol
