"""What the processes of one installation hand each other: short-lived values under a key.

In Redis where REDIS_URL is set, else in this process's memory, which is then the only process.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from calls import metrics

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 0.25  # a phone is ringing meanwhile
LEFT_ALONE_SECONDS = 5.0  # after a failure: the next calls do not wait to learn the same
MOST_KEPT = 10_000
PREFIX = "voiceagent:"
ValueT = TypeVar("ValueT")


class StoreUnavailable(Exception):
    """The store did not answer in time, or cannot be reached."""


class SharedStore(Protocol):
    """A value is read once, by one reader. Each method raises StoreUnavailable."""

    async def put(self, key: str, value: str, ttl_seconds: float) -> None:
        """Keep the value for so long. It takes the place of an earlier one."""
        ...

    async def take(self, key: str) -> str | None:
        """The value, which is gone then; None if there is none."""
        ...

    async def wait(self, key: str, seconds: float) -> str | None:
        """The same, waiting for no longer than this until somebody puts it."""
        ...


class MemoryStore:
    """For one process and one event loop at a time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[str, tuple[str, float]] = {}
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

    async def wait(self, key: str, seconds: float) -> str | None:
        try:
            async with asyncio.timeout(seconds):
                while (value := await self.take(key)) is None:
                    put: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiting.setdefault(key, []).append(put)
                    await put
                return value
        except TimeoutError:
            return None

    def _forget_expired(self) -> None:
        now = self._now()
        for key in [key for key, (_value, until) in self._kept.items() if until <= now]:
            del self._kept[key]


class RedisStore:
    """A value is a list of one element: taking it off the list is atomic, and can be waited for."""

    def __init__(self, url: str) -> None:
        self._url = url
        # A connection belongs to the loop that opened it.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = WeakKeyDictionary()
        self._away_until = 0.0

    async def put(self, key: str, value: str, ttl_seconds: float) -> None:
        def command(client: Redis) -> Coroutine[Any, Any, object]:
            together = client.pipeline(transaction=True)
            together.delete(PREFIX + key)
            together.rpush(PREFIX + key, value)
            together.pexpire(PREFIX + key, max(1, round(ttl_seconds * 1000)))
            return together.execute()

        await self._within(DEADLINE_SECONDS, command)

    async def take(self, key: str) -> str | None:
        return await self._within(
            DEADLINE_SECONDS,
            lambda client: client.lpop(PREFIX + key),  # type: ignore[arg-type, return-value]
        )

    async def wait(self, key: str, seconds: float) -> str | None:
        found: Any = await self._within(
            seconds + DEADLINE_SECONDS,
            # 0 would be for ever.
            lambda client: client.blpop(  # type: ignore[arg-type, return-value]
                [PREFIX + key], timeout=max(0.01, seconds)
            ),
        )
        return str(found[1]) if found else None

    async def _within(
        self, seconds: float, command: Callable[[Redis], Coroutine[Any, Any, ValueT]]
    ) -> ValueT:
        if time.monotonic() < self._away_until:
            raise StoreUnavailable
        try:
            async with asyncio.timeout(seconds):
                return await command(self._client())
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + LEFT_ALONE_SECONDS
            metrics.provider_errors.labels(provider="shared store").inc()
            logger.warning("The shared store (Redis) did not answer: %s.", type(error).__name__)
            raise StoreUnavailable from error

    def _client(self) -> Redis:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = Redis.from_url(self._url, decode_responses=True)
        return self._clients[loop]


@cache
def _store_at(url: str) -> SharedStore:
    return RedisStore(url) if url else MemoryStore()


def shared_store() -> SharedStore:
    return _store_at(settings.REDIS_URL)


def is_shared() -> bool:
    """Whether there may be other processes at all."""
    return bool(settings.REDIS_URL)
