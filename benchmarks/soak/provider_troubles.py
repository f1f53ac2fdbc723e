"""The providers of a soak stumble by chance, one after the other, and are well in between."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks.provider_process import break_down
from rehearsal.providers.faults import Fault

PROVIDERS = ("llm", "stt", "tts", "twilio", "supabase")
WELL, TROUBLED = (4.0, 12.0), (2.0, 8.0)  # seconds
# What was found dead is left alone for up to a minute, and its calls end with an apology.
AFTERMATH_SECONDS = 75.0


@dataclass
class ProviderTroubles:
    """Switches faults on and off until it is cancelled."""

    providers_url: str
    rng: random.Random
    switched_on: Counter[str] = field(default_factory=Counter)
    _periods: list[list[float]] = field(default_factory=list)  # [from, to], monotonic seconds

    async def run(self) -> None:
        try:
            while True:
                await asyncio.sleep(self.rng.uniform(*WELL))
                await self._one(self.rng)
        finally:
            break_down(self.providers_url, {})
            if self._periods:
                self._periods[-1][1] = min(self._periods[-1][1], time.monotonic())

    def touched(self, began: float, ended: float) -> bool:
        """Whether a call between these moments may have met any trouble, or what came of it."""
        return any(
            since < ended and began < until + AFTERMATH_SECONDS for since, until in self._periods
        )

    async def _one(self, rng: random.Random) -> None:
        provider = rng.choice(PROVIDERS)
        fault: dict[str, Any] = {"fault": rng.choice(list(Fault)).value}
        if rng.random() < 0.5:
            fault["times"] = rng.choice((1, 2, 4))
        if rng.random() < 0.2:
            fault = {"most": rng.randrange(3, 9)}
        fault |= {"ms": rng.choice((300, 1_500, 4_000)), "after": rng.randrange(0, 4)}
        self.switched_on[f"{provider} {fault.get('fault', 'most')}"] += 1
        self._periods.append([time.monotonic(), float("inf")])
        await self._put({provider: fault})
        await asyncio.sleep(rng.uniform(*TROUBLED))
        await self._put({})
        self._periods[-1][1] = time.monotonic()

    async def _put(self, faults: dict[str, Any]) -> None:
        await asyncio.to_thread(break_down, self.providers_url, faults)
