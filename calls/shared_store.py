"""What the processes of one installation hand each other: short-lived values under a key.

In Redis where REDIS_URL is set, else in this process's memory, which is then the only process.
"""

from functools import cache
from typing import Protocol

from django.conf import settings

from calls.memory_store import MemoryStore
from calls.redis_store import RedisStore, StoreUnavailable

__all__ = ["SharedStore", "StoreUnavailable", "is_shared", "shared_store"]


class SharedStore(Protocol):
    """What is taken has one taker. Each method raises StoreUnavailable."""

    async def put(self, key: str, value: str, ttl_seconds: float) -> None:
        """Keep the value for so long. It takes the place of an earlier one."""
        ...

    async def take(self, key: str) -> str | None:
        """The value, which is gone then; None if there is none."""
        ...

    async def read(self, key: str) -> str | None:
        """The value, which stays; None if there is none."""
        ...

    async def join(self, group: str, member: str, value: str, ttl_seconds: float) -> None:
        """Put a value whose key is one of a group, which is kept for so long from now: in one step,
        on a busy machine a second one comes late.
        """
        ...

    async def win(self, group: str, member: str) -> bool:
        """Whether it is of the group, which is gone then: the first to ask is the only one."""
        ...

    async def wait(self, key: str, seconds: float) -> str | None:
        """The same, waiting for no longer than this until somebody puts it."""
        ...


@cache
def _store_at(url: str) -> SharedStore:
    return RedisStore(url) if url else MemoryStore()


def shared_store() -> SharedStore:
    return _store_at(settings.REDIS_URL)


def is_shared() -> bool:
    """Whether there may be other processes at all."""
    return bool(settings.REDIS_URL)
