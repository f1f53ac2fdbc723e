"""The call, as far as a tool may touch it: implements catalog.tools.context.ToolContext."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.snapshot import AgentSpec
from catalog.tools.context import Caller
from customers.records import CustomerRecord


class SessionTools:
    """What tools ask for is only noted here; the session does it, in the order of the call."""

    def __init__(self, spec: AgentSpec, caller_number: str | None) -> None:
        self._spec = spec
        self._zone = ZoneInfo(spec.time_zone)
        self._caller = Caller(caller_number)
        self.goodbyes: asyncio.Queue[str] = asyncio.Queue()
        self.leaving = False

    @property
    def caller(self) -> Caller:
        return self._caller

    @property
    def time_zone(self) -> str:
        return self._spec.time_zone

    @property
    def language(self) -> str:
        return self._spec.language

    def now(self) -> datetime:
        return datetime.now(self._zone)

    async def end_call(self, goodbye: str) -> None:
        self.leaving = True
        self.goodbyes.put_nowait(goodbye)

    def customer_is(self, customer: CustomerRecord) -> None:
        """The look-up has answered: from now on, tools know who is on the line."""
        self._caller = Caller(self._caller.number, customer)
