"""One of Daphne's sockets without a network: what it reads, and what it would send."""

import asyncio
from typing import Any

from twisted.internet.testing import StringTransport

from calls.daphne_sockets import BoundedFactory
from tests.servers.raw_http import head
from tests.servers.test_frame_floods import UPGRADE


class FakeServer:
    root_path = ""
    proxy_forwarded_address_header = None

    def __init__(self) -> None:
        self.asked = 0

    def protocol_connected(self, protocol: Any) -> None:
        self.asked += 1

    def protocol_disconnected(self, protocol: Any) -> None:
        pass

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        return asyncio.Queue()

    def log_action(self, *arguments: Any) -> None:
        pass


class Transport(StringTransport):  # type: ignore[misc]
    """`writes`: how often it was told to write what it holds, at once."""

    writes = 0

    def doWrite(self) -> None:
        self.writes += 1

    def setTcpNoDelay(self, enabled: bool) -> None:
        pass

    def unregisterProducer(self) -> None:
        pass

    def abortConnection(self) -> None:
        self.loseConnection()


def connected(server: FakeServer, transport: Transport) -> Any:
    """One whose handshake is with the application: `serverAccept()` opens it."""
    made = BoundedFactory(server, server="test").buildProtocol(None)
    made._raw_query_string = b""
    made.makeConnection(transport)
    made.dataReceived(head("GET", "/", *UPGRADE))
    return made
