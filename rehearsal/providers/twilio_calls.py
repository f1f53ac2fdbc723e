"""The calls Twilio's REST API knows of, and what was asked of each."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime

MAX_CALLS = 10_000
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


@dataclass(frozen=True, slots=True)
class Update:
    """What the voice server asked for over REST."""

    status: str | None
    twiml: str | None
    at: float  # monotonic seconds


@dataclass(slots=True)
class TwilioCall:
    call_sid: str
    status: str
    created_at: datetime
    twiml: str | None = None
    updates: list[Update] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.status in ENDED


class TwilioCalls:
    """Registered by the simulated caller, changed over REST, watched by the caller again."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, TwilioCall] = OrderedDict()
        self._changed = asyncio.Condition()

    def get(self, call_sid: str) -> TwilioCall | None:
        return self._calls.get(call_sid)

    async def set_status(self, call_sid: str, status: str) -> TwilioCall:
        """The network's side: a call came in, or is over."""
        call = self._calls.get(call_sid)
        if call is None:
            call = self._calls[call_sid] = TwilioCall(call_sid, status, datetime.now(UTC))
            while len(self._calls) > MAX_CALLS:
                self._calls.popitem(last=False)
        call.status = status
        await self._tell()
        return call

    async def update(self, call: TwilioCall, *, status: str | None, twiml: str | None) -> None:
        """The voice server's side, over REST."""
        if status is not None:
            call.status = status
        if twiml is not None:
            call.twiml = twiml
        call.updates.append(Update(status, twiml, time.monotonic()))
        await self._tell()

    async def wait_for_change(
        self, call: TwilioCall, *, known: str, updates_seen: int, wait_seconds: float
    ) -> None:
        """Return when the status is another or an update came; in any case after the wait."""

        def has_changed() -> bool:
            return call.status != known or len(call.updates) > updates_seen

        try:
            async with asyncio.timeout(wait_seconds), self._changed:
                await self._changed.wait_for(has_changed)
        except TimeoutError:
            return

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
