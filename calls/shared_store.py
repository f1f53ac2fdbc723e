"""What the processes of one installation hand each other: short-lived values under a key.

In Redis where REDIS_URL is set, else in this process's memory, which is then the only process.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from calls import metrics

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 0.25  # a phone is ringing meanwhile
LEFT_ALONE_SECONDS = 5.0  # after a failure: the next calls do not wait to learn the same
MOST_KEPT = 10_000
PREFIX = "voiceagent:"
ValueT = TypeVar("ValueT")


# In one round trip: each is a turn of a loop that is busy when many calls arrive at once.
PUT_ONLY = """
local older = redis.call('GET', KEYS[1])
if older then redis.call('DEL', older) end
redis.call('DEL', KEYS[2])
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('SET', KEYS[1], KEYS[2], 'PX', ARGV[2])
"""


class StoreUnavailable(Exception):
    """The store did not answer in time, or cannot be reached."""


class SharedStore(Protocol):
    """A value is read once, by one reader. Each method raises StoreUnavailable."""

    async def put(self, key: str, value: str, ttl_seconds: float) -> None:
        """Keep the value for so long. It takes the place of an earlier one."""
        ...

    async def put_only(self, owner: str, key: str, value: str, ttl_seconds: float) -> None:
        """The same, and what this owner put so before, under whatever key, is gone."""
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

    async def put_only(self, owner: str, key: str, value: str, ttl_seconds: float) -> None:
        older = await self.take(f"{owner}:only")
        if older is not None:
            await self.take(older)
        await self.put(key, value, ttl_seconds)
        await self.put(f"{owner}:only", key, ttl_seconds)

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
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()
        self._away_until = 0.0

    async def put(self, key: str, value: str, ttl_seconds: float) -> None:
        def command(client: Redis) -> Coroutine[Any, Any, object]:
            together = client.pipeline(transaction=True)
            together.delete(PREFIX + key)
            together.rpush(PREFIX + key, value)
            together.pexpire(PREFIX + key, max(1, round(ttl_seconds * 1000)))
            return together.execute()

        await self._within(DEADLINE_SECONDS, command)

    async def put_only(self, owner: str, key: str, value: str, ttl_seconds: float) -> None:
        given = [f"{PREFIX}{owner}:only", PREFIX + key, value, max(1, round(ttl_seconds * 1000))]
        await self._within(
            DEADLINE_SECONDS,
            lambda client: client.eval(PUT_ONLY, 2, *given),  # type: ignore[arg-type, return-value]
        )

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
            waits=True,
        )
        return str(found[1]) if found else None

    async def _within(
        self,
        seconds: float,
        command: Callable[[Redis], Coroutine[Any, Any, ValueT]],
        *,
        waits: bool = False,
    ) -> ValueT:
        if time.monotonic() < self._away_until:
            raise StoreUnavailable
        try:
            async with asyncio.timeout(seconds):
                clients = self._clients_of_this_loop()
                return await command(clients.waiting if waits else clients.quick)
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + LEFT_ALONE_SECONDS
            metrics.provider_errors.labels(provider="shared store").inc()
            logger.warning("The shared store (Redis) did not answer: %s.", type(error).__name__)
            raise StoreUnavailable from error

    def _clients_of_this_loop(self) -> "_Clients":
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = _Clients(_client(self._url, 8), _client(self._url, 1_000))
        return self._clients[loop]


@dataclass(frozen=True, slots=True, eq=False)
class _Clients:
    """Who waits for a value holds a connection meanwhile, which others must not lack."""

    quick: Redis
    waiting: Redis


def _client(url: str, most_connections: int) -> Redis:
    # A connection is no more than a TCP connection: what redis-py says of itself first (HELLO, two
    # CLIENT SETINFO) took three more turns of a busy loop.
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=most_connections,
        timeout=DEADLINE_SECONDS,
        decode_responses=True,
        protocol=2,
        driver_info=None,
    )
    return Redis(connection_pool=pool)


@cache
def _store_at(url: str) -> SharedStore:
    return RedisStore(url) if url else MemoryStore()


def shared_store() -> SharedStore:
    return _store_at(settings.REDIS_URL)


def is_shared() -> bool:
    """Whether there may be other processes at all."""
    return bool(settings.REDIS_URL)
