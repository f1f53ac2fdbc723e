"""Sockets to the vendors that open while the phone still rings, for the call that is on its way.

The stream comes some hundred milliseconds after the webhook, as long as a vendor's handshake takes:
the agent is then ready with the first word of the greeting, and not 150 to 300 ms later.
"""

import asyncio
from typing import Any

from pipecat.services.websocket_service import _BoundedConnection
from websockets.asyncio.client import connect

from calls.pipeline.stt_routes import stt_routes
from calls.pipeline.tts import tts_routes
from calls.pipeline.vendor_socket import CONNECT_SECONDS, SocketRoute, tls_of
from catalog.snapshot import AgentSpec

# A stream follows its webhook within a second or two; a vendor has only so many sockets for us.
# As long as a seat is kept for a call that other processes know of (tickets.AWAITED_SECONDS): what
# is open counts as a call.
KEPT_SECONDS = 5.0
CLOSE_SECONDS = 2.0


class WarmSockets:
    """Of one call, from its webhook until its pipeline starts."""

    def __init__(self, routes: tuple[SocketRoute, ...]) -> None:
        """Begins to open. A vendor that is known to be dead is left to the call itself."""
        self._opening = {
            _key(route): asyncio.create_task(_opened(route), name=f"warm {route.name}")
            for route in routes
            if not route.circuit.is_open
        }
        self._reaped = asyncio.get_running_loop().call_later(KEPT_SECONDS, self.close)

    @property
    def is_over(self) -> bool:
        """Nothing is left to take."""
        return not self._opening

    def take(self, route: SocketRoute) -> "asyncio.Task[Any] | None":
        """The socket of this route, open or about to be. It is the taker's from now on.

        None for one that has changed since, as when an agent is published in another language.
        """
        return self._opening.pop(_key(route), None)

    def close(self) -> None:
        """Nobody comes for what is left."""
        self._reaped.cancel()
        while self._opening:
            _, opening = self._opening.popitem()
            opening.cancel()
            opening.add_done_callback(_drop)


def _key(route: SocketRoute) -> tuple[str, str]:
    return route.name, route.url


async def _opened(route: SocketRoute) -> Any:
    async with asyncio.timeout(CONNECT_SECONDS):
        return await connect(
            route.url,
            additional_headers=dict(route.headers),
            open_timeout=None,
            close_timeout=CLOSE_SECONDS,
            create_connection=_BoundedConnection,
            ssl=tls_of(route.url),
        )


def _drop(opening: "asyncio.Task[Any]") -> None:
    """What failed is nobody's concern, and what is open is closed."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().transport.abort()


def for_agent(agent: AgentSpec) -> WarmSockets:
    """The first route of each: where speech is recognised, and where it is spoken."""
    return WarmSockets((stt_routes(agent)[0], tts_routes(agent)[0]))
