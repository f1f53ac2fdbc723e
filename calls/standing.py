"""Where a call stands, for another process: what it needs to resume a call whose own is gone.

Kept in the shared store while the call lasts, and renewed: a process that was killed renews
nothing, and after STANDING_SECONDS its calls cannot be resumed any more. Without a shared store
there is no other process, and nothing is kept.
"""

import asyncio
import dataclasses
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from calls.call_cost import Usage
from calls.line import CallLine
from calls.shared_store import StoreUnavailable, is_shared, shared_store
from calls.so_far import Entry
from calls.tickets import CallTicket
from calls.timing import CallClock
from catalog.presence import PROCESS_ID

logger = logging.getLogger(__name__)

STANDING_SECONDS = 60.0
RENEWED_SECONDS = 20.0
BETWEEN_SECONDS = 0.5  # from one writing to the next, at least


@dataclass(frozen=True, slots=True)
class Standing:
    """`lasted_seconds`, of the call, at `written_at`, which is seconds of the epoch; `resumed`, how
    often it was connected anew; `tool_runs`, how often each tool was begun.
    """

    call_sid: str
    account_sid: str
    caller_number: str | None
    agent_id: int
    revision: int
    lasted_seconds: float
    written_at: float
    resumed: int
    timings: dict[str, float | None]
    usage: dict[str, int]
    tool_runs: dict[str, int]
    entries: tuple[Entry, ...]


class StandingKeeper:
    """Keeps the standing of one call. Nothing waits for it but the end of a stream."""

    def __init__(self, call_sid: str, standing: Callable[[], Standing]) -> None:
        self.on_taken: Callable[[], None] = lambda: None  # by another process
        self._call_sid = call_sid
        self._standing = standing
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if is_shared() and self._task is None:
            self._task = asyncio.create_task(self._keep(), name="standing")

    def changed(self) -> None:
        self._changed.set()

    async def leave(self) -> None:
        """The line is lost: from now on another process may take the call, and changes this."""
        await self.stop()
        if is_shared():
            await self._write()

    async def forget(self) -> None:
        """The call is over: nobody resumes it."""
        await self.stop()
        if is_shared():
            await _forget(self._call_sid)

    async def stop(self) -> None:
        """Leave it as it is."""
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait([task])

    async def _keep(self) -> None:
        while True:
            self._changed.clear()
            await self._write()
            await asyncio.sleep(BETWEEN_SECONDS)
            try:
                async with asyncio.timeout(RENEWED_SECONDS - BETWEEN_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _write(self) -> None:
        if await is_taken_by_another(self._call_sid):
            self.on_taken()  # What it writes now is the truth.
            return
        try:
            written = json.dumps(dataclasses.asdict(self._standing()))
            await shared_store().put(_key(self._call_sid), written, STANDING_SECONDS)
        except StoreUnavailable:
            return  # It has said so; the next writing tries again.
        except (TypeError, ValueError) as error:
            # Without the message: it may quote what was said.
            logger.error("Call %s cannot be kept: %s.", self._call_sid, type(error).__name__)


async def read_standing(call_sid: str) -> Standing | None:
    try:
        return _read(await shared_store().read(_key(call_sid)))
    except StoreUnavailable:
        return None


async def take_standing(call_sid: str) -> Standing | None:
    """The same, for one taker, who carries the call from now on."""
    try:
        standing = _read(await shared_store().take(_key(call_sid)))
        if standing is not None:
            await shared_store().put(f"taken:{call_sid}", PROCESS_ID, STANDING_SECONDS)
        return standing
    except StoreUnavailable:
        return None


async def is_taken_by_another(call_sid: str) -> bool:
    try:
        return await shared_store().read(f"taken:{call_sid}") not in (None, PROCESS_ID)
    except StoreUnavailable:
        return False


async def _forget(call_sid: str) -> None:
    try:
        await shared_store().take(_key(call_sid))
    except StoreUnavailable:
        logger.warning("Call %s stays in the shared store for a minute.", call_sid)


def standing_of(ticket: CallTicket, line: CallLine, resumed: int) -> Standing:
    return Standing(
        call_sid=ticket.call_sid,
        account_sid=ticket.account_sid,
        caller_number=ticket.caller_number,
        agent_id=ticket.agent.agent_id,
        revision=ticket.snapshot.revision,
        lasted_seconds=line.clock.ms() / 1000.0,
        written_at=time.time(),
        resumed=resumed,
        timings=dataclasses.asdict(line.timings),
        usage=dataclasses.asdict(line.usage),
        tool_runs=dict(line.runner.runs),
        entries=tuple(line.so_far.entries),
    )


def clock_of(standing: Standing) -> CallClock:
    """Milliseconds since the call's first `start`.

    What two servers disagree about the time makes a call no older than the store can have kept it.
    """
    kept_seconds = min(max(0.0, time.time() - standing.written_at), STANDING_SECONDS)
    clock = CallClock()
    clock.started_at -= standing.lasted_seconds + kept_seconds
    return clock


def take_up(left: Standing, line: CallLine) -> None:
    """The conversation, and what counts against the limits of the call."""
    line.so_far.entries = list(left.entries)
    line.usage = Usage(**left.usage)
    line.runner.runs.update(left.tool_runs)


def _read(written: str | None) -> Standing | None:
    if written is None:
        return None
    try:
        document: dict[str, Any] = json.loads(written)
        entries = tuple(Entry(**entry) for entry in document.pop("entries"))
        return Standing(**document, entries=entries)
    except (AttributeError, KeyError, TypeError, ValueError):
        logger.warning("The standing of a call in the shared store is damaged.")
        return None


def _key(call_sid: str) -> str:
    return f"standing:{call_sid}"
