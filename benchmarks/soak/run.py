"""Makes the calls of a soak, so many at a time, and rests in between to see what is left."""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.soak.growth import AtRest
from benchmarks.soak.place import Place
from benchmarks.soak.planned_calls import RINGS_OFF, PlannedCall
from benchmarks.soak.provider_troubles import ProviderTroubles
from benchmarks.soak.verdict import Lived, lived
from calls.models import EndedBy
from rehearsal.caller import SimulatedCaller
from tests.records.kinds import ring_off

QUIET_WITHIN_SECONDS = 90.0
LOOKS, BETWEEN_LOOKS_SECONDS = 3, 4.0


@dataclass
class Soak:
    """What became of it."""

    place: Place
    troubles: ProviderTroubles
    at_once: int
    lived: list[Lived] = field(default_factory=list)
    at_rest: list[AtRest] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # what was in progress when nothing should be

    async def make(self, planned: Sequence[PlannedCall], rest_every: int) -> None:
        for first in range(0, len(planned), rest_every):
            await self._make_some(planned[first : first + rest_every])
            await self._rest()

    async def _make_some(self, planned: Sequence[PlannedCall]) -> None:
        seats = asyncio.Semaphore(self.at_once)
        switching = asyncio.create_task(self.troubles.run(), name="troubles")
        try:
            await asyncio.gather(*(self._one(seats, call) for call in planned))
        finally:
            switching.cancel()
            await asyncio.wait([switching])

    async def _one(self, seats: asyncio.Semaphore, call: PlannedCall) -> None:
        target = self.place.server.target
        async with seats:
            began = time.monotonic()
            if call.script.name == RINGS_OFF.name:
                it = await ring_off(target)
                self.lived.append(Lived(call.kind, it.call_sid, frozenset({EndedBy.CALLER}), ()))
                return
            report = await SimulatedCaller(target).call(call.script)
            troubled = self.troubles.touched(began, time.monotonic())
            self.lived.append(lived(call.kind, report, troubled=troubled))

    async def _rest(self) -> None:
        """Until nothing is in progress any more; then look at what the server holds."""
        deadline = time.monotonic() + QUIET_WITHIN_SECONDS
        while (left := await asyncio.to_thread(self._in_progress)) and time.monotonic() < deadline:
            await asyncio.sleep(0.5)
        if left:
            self.left.append(f"after {len(self.lived)} calls, and a minute and a half: {left}")
        sample = await self._look()
        self.at_rest.append(sample)
        sys.stdout.write(f"{sample}\n")
        sys.stdout.flush()

    async def _look(self) -> AtRest:
        """The least of a few looks: a timer that outlasts its call by seconds holds all of it."""
        looks = []
        for _look in range(LOOKS):
            looks.append(AtRest(len(self.lived), await asyncio.to_thread(self.place.held)))
            await asyncio.sleep(BETWEEN_LOOKS_SECONDS)
        return min(looks, key=lambda it: int(it.held["in_use_kib"]))

    def _in_progress(self) -> dict[str, int]:
        """Calls that are live or not counted yet, lines on their way, connections of calls."""
        place = self.place
        found = {
            "live calls": place.figure("live_calls"),
            "lines on their way": place.figure("journal_lines_waiting"),
            "calls not counted yet": max(0, len(self.lived) - place.figure("calls_ended_total")),
            **place.open_at_the_providers(),
        }
        return {name: number for name, number in found.items() if number}
