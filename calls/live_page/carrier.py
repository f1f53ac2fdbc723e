"""How do the calls of this process reach the pages, and the pages' orders the calls?

One task for each event loop, from its first call to the end of its last. What is said leaves the
process only while somebody watches, in batches; the calls themselves never wait for any of it.
"""

import asyncio
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calls.call_log import call_log
from calls.happenings import CallOver, CustomerKnown, Happening, Milestone, Said, ToolRan
from calls.line import CallLine
from calls.live_page.orders import Carried, carry_out
from calls.live_page.wire import CARRIERS, PAGES, Ear, Order, document, tell, tell_group
from calls.tickets import CallTicket

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent

EVERY_SECONDS = 0.1
WATCHED_SECONDS = 20.0  # how long one word of a page counts
MOST_WAITING = 1_000
MOST_AT_ONCE = 100
SHOWN_EVENTS = frozenset({"guidance", "transferred", "transfer failed", "reply not spoken"})


@dataclass(eq=False, slots=True)
class _Here:
    carried: Carried
    carrier: "Carrier"


_here: dict[str, _Here] = {}
_carriers: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Carrier]" = (
    weakref.WeakKeyDictionary()
)


def carry(line: CallLine, ticket: CallTicket, agent: "Callable[[], Agent | None]") -> None:
    """Show this call until the call log hears that it is over. Returns at once."""
    loop = asyncio.get_running_loop()
    carrier = _carriers.setdefault(loop, Carrier())
    carried = Carried(line, ticket, agent)
    _here[line.call_sid] = _Here(carried, carrier)
    line.on_saying = carrier.saying
    carrier.begin(carried)


def carried_elsewhere(call_sid: str) -> None:
    """Another process carries this call now, and shows it."""
    here = _here.pop(call_sid, None)
    if here is not None:
        here.carrier.drop(call_sid)


def listen() -> None:
    """From now on the call log's words reach the pages. Once for each process."""
    call_log.listen(_happened)


def _happened(happening: Happening) -> None:
    here = _here.get(happening.call_sid)
    if here is None:
        return
    if isinstance(happening, CallOver):
        del _here[happening.call_sid]
        here.carrier.end(happening)
    elif here.carrier.is_watched:
        shown = _shown(happening)
        if shown is not None:
            here.carrier.put({"call_sid": happening.call_sid, **shown})


def _shown(happening: Happening) -> dict[str, Any] | None:
    match happening:
        case Said():
            return {
                "kind": "line",
                "speaker": str(happening.speaker),
                "text": happening.text,
                "at_ms": happening.at_ms,
                "interrupted": happening.interrupted,
            }
        case ToolRan():
            return {"kind": "tool", "name": happening.name, "outcome": happening.outcome}
        case Milestone() if happening.name in SHOWN_EVENTS:
            return {"kind": "event", "name": happening.name, "detail": happening.detail}
        case CustomerKnown():
            return {"kind": "known", "customer": happening.name}
        case _:
            return None


class Carrier:
    """The calls of one loop. Nothing here raises into a call."""

    def __init__(self) -> None:
        self._calls: dict[str, Carried] = {}
        self._outbox: deque[dict[str, Any]] = deque(maxlen=MOST_WAITING)
        self._watched_until = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def is_watched(self) -> bool:
        return time.monotonic() < self._watched_until

    def begin(self, carried: Carried) -> None:
        self._calls[carried.line.call_sid] = carried
        self.put({"kind": "call", "card": document(carried.card())})
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="live page")

    def end(self, over: CallOver) -> None:
        self._calls.pop(over.call_sid, None)
        self.put({"kind": "over", "call_sid": over.call_sid, "ended_by": str(over.ended_by)})

    def drop(self, call_sid: str) -> None:
        self._calls.pop(call_sid, None)

    def put(self, entry: dict[str, Any]) -> None:
        self._outbox.append(entry)

    def saying(self, call_sid: str, speaker: str, text: str) -> None:
        if self.is_watched:
            self.put({"kind": "saying", "call_sid": call_sid, "speaker": speaker, "text": text})

    async def _run(self) -> None:
        ear = Ear(CARRIERS, self._take, _no_matter)
        listening = asyncio.create_task(ear.run(), name="live page orders")
        try:
            while self._calls or self._outbox:
                await asyncio.sleep(EVERY_SECONDS)
                await self._publish()
        finally:
            self._task = None  # A call that begins now starts another.
            listening.cancel()
            await asyncio.wait([listening], timeout=EVERY_SECONDS * 50)

    async def _publish(self) -> None:
        while self._outbox:
            size = min(MOST_AT_ONCE, len(self._outbox))
            batch = [self._outbox.popleft() for _ in range(size)]
            # What cannot be sent is dropped: the pages read it in the database.
            await tell_group(PAGES, {"type": "batch", "entries": batch})

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "watch":
            self._watched_until = time.monotonic() + WATCHED_SECONDS
            cards = [document(carried.card()) for carried in self._calls.values()]
            await tell(message["reply_to"], {"type": "cards", "cards": cards})
        elif message["type"] == "order":
            order = Order(**message["order"])
            carried = self._calls.get(order.call_sid)
            if carried is not None:
                outcome = await carry_out(order, carried)
                answer = {"type": "answer", "order_id": order.order_id, "outcome": outcome}
                await tell(order.reply_to, answer)


async def _no_matter(_heard: bool) -> None:
    """A process that cannot be reached goes on with its calls."""
