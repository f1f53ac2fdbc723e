"""The shared store of an installation with several processes: in Redis."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from calls import metrics

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 0.25  # a phone is ringing meanwhile
CHECKS = 5  # on the way to a deadline
# After a failure, so that the next calls do not wait to learn the same. No longer: meanwhile a
# stream that comes to another process than its webhook is refused.
LEFT_ALONE_SECONDS = 1.0
PREFIX = "voiceagent:"
WIN = """if redis.call("sismember", KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call("del", KEYS[1])
return 1"""
ValueT = TypeVar("ValueT")


class StoreUnavailable(Exception):
    """The store did not answer in time, or cannot be reached."""


class RedisStore:
    """A value is a list of one element: taking it off the list is atomic, and can be waited for."""

    def __init__(self, url: str) -> None:
        self._url = url
        # A connection belongs to the loop that opened it.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()
        self._away_until = 0.0
        self._said_to_be_away = False

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

    async def read(self, key: str) -> str | None:
        return await self._within(
            DEADLINE_SECONDS,
            lambda client: client.lindex(PREFIX + key, 0),  # type: ignore[arg-type, return-value]
        )

    async def join(self, group: str, member: str, value: str, ttl_seconds: float) -> None:
        def command(client: Redis) -> Coroutine[Any, Any, object]:
            together = client.pipeline(transaction=True)
            together.sadd(PREFIX + group, member)
            together.delete(PREFIX + member)
            together.rpush(PREFIX + member, value)
            for key in (group, member):
                together.pexpire(PREFIX + key, max(1, round(ttl_seconds * 1000)))
            return together.execute()

        await self._within(DEADLINE_SECONDS, command)

    async def win(self, group: str, member: str) -> bool:
        won: Any = await self._within(
            DEADLINE_SECONDS,
            lambda client: client.eval(WIN, 1, PREFIX + group, member),  # type: ignore[arg-type, return-value]
        )
        return bool(won)

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
            metrics.provider_errors.labels(provider="shared store").inc()
            raise StoreUnavailable
        try:
            clients = self._clients_of_this_loop()
            answer = await _in_time(command(clients.waiting if waits else clients.quick), seconds)
        # ValueError: an address that is none, or a value that is no text.
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            self._is_away(error)
            raise StoreUnavailable from error
        self._answered()
        return answer

    def _is_away(self, error: Exception) -> None:
        metrics.provider_errors.labels(provider="shared store").inc()
        self._away_until = time.monotonic() + LEFT_ALONE_SECONDS
        if not self._said_to_be_away:
            self._said_to_be_away = True
            logger.warning(
                "The shared store (Redis) does not answer (%s): until it does, a stream has to "
                "come to the process that answered its webhook.",
                type(error).__name__,
            )

    def _answered(self) -> None:
        # An answer to what was asked before the failure proves nothing.
        if self._said_to_be_away and time.monotonic() >= self._away_until:
            self._said_to_be_away = False
            logger.info("The shared store (Redis) answers again.")

    def _clients_of_this_loop(self) -> "_Clients":
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = _Clients(_client(self._url, 16), _client(self._url, 1_000))
        return self._clients[loop]


async def _in_time(command: Coroutine[Any, Any, ValueT], seconds: float) -> ValueT:
    """Counted are checks. After a stall of our own event loop one has been made, however long it
    took, and what has come meanwhile is read before the next: by the clock alone, a loop that was
    late for 0.6 s took a Redis that had answered for dead, and a call was refused.
    """
    answering = asyncio.ensure_future(command)
    try:
        for _ in range(CHECKS):
            done, _pending = await asyncio.wait([answering], timeout=seconds / CHECKS)
            if done:
                return answering.result()
        raise TimeoutError
    finally:
        if answering.cancel():
            await asyncio.wait([answering], timeout=DEADLINE_SECONDS)


@dataclass(frozen=True, slots=True, eq=False)
class _Clients:
    """Who waits for a value holds a connection meanwhile, which others must not lack."""

    quick: Redis
    waiting: Redis


def _client(url: str, most_connections: int) -> Redis:
    # A connection is no more than a TCP connection: what redis-py says of itself first (HELLO, two
    # CLIENT SETINFO) took three more turns of a busy loop. Each command has a deadline here; with
    # redis-py's own of 5 s, who waited for longer was told that Redis is away.
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=most_connections,
        # Nor one for its turn: on a loop that is late it was over at once, and Redis "away".
        timeout=None,
        socket_timeout=None,
        decode_responses=True,
        protocol=2,
        driver_info=None,
    )
    return Redis(connection_pool=pool)
