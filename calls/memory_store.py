"""The shared store of an installation with one process: in its memory."""

import asyncio
import time
from collections.abc import Callable

MOST_KEPT = 10_000


class MemoryStore:
    """For one process and one event loop at a time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[str, tuple[str, float]] = {}
        self._groups: dict[str, tuple[set[str], float]] = {}
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    async def put(self, key: str, value: str, ttl_seconds: float) -> None:
        self._forget_expired()
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept.pop(key, None)
        self._kept[key] = (value, self._now() + ttl_seconds)
        for waiting in self._waiting.pop(key, []):
            if not waiting.done():
                waiting.set_result(None)

    async def take(self, key: str) -> str | None:
        value, until = self._kept.pop(key, (None, 0.0))
        return value if until > self._now() else None

    async def read(self, key: str) -> str | None:
        value, until = self._kept.get(key, (None, 0.0))
        return value if until > self._now() else None

    async def join(self, group: str, member: str, value: str, ttl_seconds: float) -> None:
        self._forget_expired()
        while len(self._groups) >= MOST_KEPT:
            del self._groups[next(iter(self._groups))]
        members, _until = self._groups.pop(group, (set(), 0.0))
        self._groups[group] = ({*members, member}, self._now() + ttl_seconds)
        await self.put(member, value, ttl_seconds)

    async def win(self, group: str, member: str) -> bool:
        members, until = self._groups.get(group, (set(), 0.0))
        if member not in members or until <= self._now():
            return False
        del self._groups[group]
        return True

    async def wait(self, key: str, seconds: float) -> str | None:
        try:
            async with asyncio.timeout(seconds):
                while (value := await self.take(key)) is None:
                    await self._until_put(key)
                return value
        except TimeoutError:
            return None

    async def _until_put(self, key: str) -> None:
        put: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(put)
        try:
            await put
        finally:
            # Who waited in vain must not be remembered for ever.
            still_waiting = [other for other in self._waiting.pop(key, []) if other is not put]
            if still_waiting:
                self._waiting[key] = still_waiting

    def _forget_expired(self) -> None:
        now = self._now()
        for key in [key for key, (_value, until) in self._kept.items() if until <= now]:
            del self._kept[key]
        for group in [group for group, (_members, until) in self._groups.items() if until <= now]:
            del self._groups[group]
