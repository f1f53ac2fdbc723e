"""A vendor's socket that is opened by a ladder of routes, and again when it is lost.

Pipecat's own way back waits 4 to 10 s between three attempts, the same for every call, gives up the
reply it was in, and is deaf meanwhile. Here a lost socket is opened again at once, then once more
after a moment that differs from call to call, then the fallback's; and what was asked of the
old one is asked again. A call that comes while a vendor is known to be dead does not try.
"""

import asyncio
import functools
import random
import ssl
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from pipecat.services.websocket_service import WebsocketService
from websockets.exceptions import WebSocketException
from websockets.protocol import State

from calls.circuit import Circuit
from calls.pipeline.line import Line

if TYPE_CHECKING:
    from calls.pipeline.warm_sockets import WarmSockets

CONNECT_SECONDS = 4.0  # 0.15 to 0.3 s with the real vendors
BEFORE_THE_RETRY_SECONDS = (0.1, 0.6)
# What was open for so long and is closed while nothing is owed was taken away from an idle call. Of
# 12 calls in their greeting, a vendor that restarted was taken for dead after three, and all ended.
KEPT_SECONDS = 2.0
LOST = (WebSocketException, OSError, TimeoutError)


@functools.cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def tls_of(url: str) -> ssl.SSLContext | None:
    """One for all sockets of the process: each builds its own else, and no call goes on meanwhile,
    for 30 to 45 ms.
    """
    return _tls() if url.startswith("wss:") else None


class _Standing(Enum):
    """Of the socket that was opened last."""

    NONE = "none"
    NEW = "new"
    PROVEN = "proven"
    FAILED = "failed"  # and that was counted


class LadderEnded(Exception):
    """No route is left to try."""


@dataclass(frozen=True, slots=True)
class SocketRoute:
    """One way to the vendor. `circuit` is what all calls of the process know of it."""

    name: str  # as the record calls it: "stt", "tts fallback"
    url: str
    headers: Mapping[str, str] = field(repr=False)
    circuit: Circuit
    model: str
    voice: str = ""


class VendorSocket(WebsocketService):
    """Comes before Pipecat's service among the bases. The service calls `proven()` whenever the
    vendor has done what it is there for.
    """

    _websocket: Any
    _receive_task: Any

    def use_ladder(
        self, routes: tuple[SocketRoute, ...], line: Line, warm: "WarmSockets | None"
    ) -> None:
        """The first route is tried twice. In `warm` its socket may be open already."""
        self._rungs = (routes[0], *routes)
        self._next_rung = 0
        self._line = line
        self._route = routes[0]
        self._standing = _Standing.NONE
        self._opened_at = 0.0  # by the clock of the loop
        self._warm = warm

    @abstractmethod
    async def receive_messages(self) -> None:
        """Until the socket is closed. Messages that make no sense raise ValueError."""

    @abstractmethod
    async def ask_again(self) -> None:
        """The socket is new: ask once more for what the old one still owed."""

    @abstractmethod
    def owes_something(self) -> bool:
        """Whether a caller waits for what the vendor has not done yet."""

    def proven(self) -> None:
        if self._standing is not _Standing.PROVEN:
            self._standing = _Standing.PROVEN
            self._allow_a_retry()
            self._route.circuit.succeeded()

    def give_up_on_it(self, reason: str) -> None:
        """The socket is open and does nothing: lose it, and climb on."""
        self._stumble(reason)
        self._drop()

    def leave_it(self, reason: str) -> None:
        """The same, where the fault may be this call's own: it says nothing to the others."""
        self._standing = _Standing.FAILED
        self._route.circuit.undecided()
        self.give_up_on_it(reason)

    @property
    def is_open(self) -> bool:
        return self._websocket is not None and self._websocket.state is State.OPEN

    # In place of Pipecat's own ----------------------------------------------------

    async def _connect_websocket(self) -> None:
        """Once, while the pipeline starts, which waits for it; what fails is tried again later."""
        if self._receive_task is None:
            with suppress(LadderEnded):
                await self._open(most_attempts=1)
            self._receive_task = self.create_task(self._stay_open())  # type: ignore[attr-defined]

    async def _disconnect_websocket(self) -> None:
        if self._standing is _Standing.NEW:
            self._route.circuit.undecided()
        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            with suppress(*LOST):
                await websocket.close()

    async def _stay_open(self) -> None:
        while not self._disconnecting:
            try:
                if not self.is_open:
                    await self._open()
                await self.ask_again()
                await self.receive_messages()
                reason = "closed"
            except LadderEnded:
                await self._end_of_the_ladder()
                return
            except (*LOST, ValueError) as error:
                reason = type(error).__name__
            if not self._disconnecting:
                self._lost(reason)

    async def _open(self, most_attempts: int = 10) -> None:
        """Raises LadderEnded."""
        for _attempt in range(most_attempts):
            if self._next_rung >= len(self._rungs):
                raise LadderEnded
            route, rung = self._rungs[self._next_rung], self._next_rung
            self._next_rung += 1
            if not route.circuit.allows():
                continue
            if rung == 1:
                await asyncio.sleep(random.uniform(*BEFORE_THE_RETRY_SECONDS))
            self._route, self._standing = route, _Standing.NEW
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._websocket = await self._connected(route)
            except LOST as error:
                self._stumble(type(error).__name__)
                continue
            self._opened_at = asyncio.get_running_loop().time()
            await self._call_event_handler("on_connected")  # type: ignore[attr-defined]
            return

    async def _connected(self, route: SocketRoute) -> Any:
        """Raises what is in LOST. A warm socket is taken once; one that was closed meanwhile is no
        fault of the vendor's.
        """
        opening = None if self._warm is None else self._warm.take(route)
        if opening is not None:
            websocket = await opening
            websocket.send_timeout = self._ws_send_timeout  # as Pipecat bounds those it opens
            if websocket.state is State.OPEN:
                return websocket
        return await self._websocket_connect(
            route.url,
            additional_headers=dict(route.headers),
            open_timeout=None,
            ssl=tls_of(route.url),
        )

    def _lost(self, reason: str) -> None:
        self._drop()
        if self._standing is _Standing.NEW and self._was_kept_idle():
            self._allow_a_retry()
        elif self._standing is _Standing.NEW:
            self._stumble(reason)
        elif self._standing is _Standing.PROVEN and self.owes_something():
            self._line.stumbled(self._route.name, reason)  # An idle socket's end is no fault.

    def _was_kept_idle(self) -> bool:
        kept_seconds = asyncio.get_running_loop().time() - self._opened_at
        return kept_seconds >= KEPT_SECONDS and not self.owes_something()

    def _allow_a_retry(self) -> None:
        """One, of the same route: the second of two equal rungs, or itself."""
        self._next_rung = min(self._rungs.index(self._route) + 1, len(self._rungs) - 1)

    def _stumble(self, reason: str) -> None:
        if self._standing is not _Standing.FAILED:
            self._standing = _Standing.FAILED
            self._route.circuit.failed()
        self._line.stumbled(self._route.name, reason)

    def _drop(self) -> None:
        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            websocket.transport.abort()

    async def _end_of_the_ladder(self) -> None:
        await self.push_error(  # type: ignore[attr-defined]
            f"{self._rungs[0].name}: no route is left", force_treat_as_permanent=True
        )
