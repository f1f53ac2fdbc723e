"""One process puts, another takes, and nobody else does; in memory and in Redis alike."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from calls import memory_store, metrics, redis_store
from calls.memory_store import MemoryStore
from calls.redis_store import RedisStore
from calls.shared_store import SharedStore, StoreUnavailable, is_shared, shared_store
from tests.prerequisites import need_redis


@pytest.fixture(params=["memory", "redis"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[tuple[SharedStore, SharedStore]]:
    """As two processes see it."""
    if request.param == "memory":
        store = MemoryStore()
        yield store, store
        return
    url = need_redis()
    yield RedisStore(url), RedisStore(url)


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


Stores = tuple[SharedStore, SharedStore]


async def test_what_one_puts_the_other_takes_once(stores: Stores, key: str) -> None:
    here, there = stores
    await here.put(key, "a value", 5.0)
    assert await there.take(key) == "a value"
    assert await there.take(key) is None
    assert await here.take(key) is None


async def test_what_is_read_stays(stores: Stores, key: str) -> None:
    here, there = stores
    assert await there.read(key) is None
    await here.put(key, "a value", 0.3)
    assert [await there.read(key), await here.read(key)] == ["a value"] * 2
    await asyncio.sleep(0.4)
    assert await there.read(key) is None


async def test_only_one_of_many_gets_it(stores: Stores, key: str) -> None:
    here, there = stores
    await here.put(key, "a seat", 5.0)
    taken = await asyncio.gather(*((here, there)[number % 2].take(key) for number in range(20)))
    assert sorted(value for value in taken if value is not None) == ["a seat"]


async def test_a_later_value_takes_the_place_of_an_earlier_one(stores: Stores, key: str) -> None:
    here, there = stores
    await here.put(key, "older", 5.0)
    await here.put(key, "newer", 5.0)
    assert await there.take(key) == "newer"
    assert await there.take(key) is None


async def test_it_is_kept_no_longer_than_it_was_told(stores: Stores, key: str) -> None:
    here, there = stores
    await here.put(key, "a value", 0.05)
    await asyncio.sleep(0.15)
    assert await there.take(key) is None


async def test_one_of_a_group_wins_and_the_group_is_gone(stores: Stores, key: str) -> None:
    here, there = stores
    for member in ("one", "two", "three"):
        await here.join(key, member, "its ticket", 5.0)
    assert not await there.win(key, "four")
    won = await asyncio.gather(
        *((here, there)[number % 2].win(key, name) for number, name in enumerate(("one", "two")))
    )
    assert sorted(won) == [False, True]
    assert not await there.win(key, "three")
    await here.join(key, "three", "its ticket", 5.0)
    assert await there.win(key, "three")


async def test_a_group_is_kept_no_longer_than_it_was_told(stores: Stores, key: str) -> None:
    await stores[0].join(key, "one", "its ticket", 0.05)
    await asyncio.sleep(0.15)
    assert not await stores[1].win(key, "one")


async def test_it_can_be_waited_for(stores: Stores, key: str) -> None:
    here, there = stores
    waiting = asyncio.create_task(there.wait(key, 5.0))
    await asyncio.sleep(0.05)
    await here.put(key, "ça va", 5.0)
    async with asyncio.timeout(2.0):
        assert await waiting == "ça va"
    assert await here.take(key) is None


async def test_what_is_there_already_needs_no_waiting(stores: Stores, key: str) -> None:
    here, there = stores
    await here.put(key, "a value", 5.0)
    assert await there.wait(key, 0.01) == "a value"


async def test_it_is_not_waited_for_beyond_the_limit(stores: Stores, key: str) -> None:
    began_at = time.monotonic()
    assert await stores[0].wait(key, 0.1) is None
    assert time.monotonic() - began_at < 2.0


async def test_who_waited_in_vain_leaves_nothing_behind() -> None:
    store = MemoryStore()
    waiting = [asyncio.create_task(store.wait("key", 5.0)) for _time in range(3)]
    assert await store.wait("key", 0.01) is None
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert store._waiting == {}


async def test_of_many_who_wait_one_is_served(stores: Stores, key: str) -> None:
    here, there = stores
    waiting = [asyncio.create_task(store.wait(key, 0.5)) for store in (here, there) * 3]
    await asyncio.sleep(0.05)
    await here.put(key, "a seat", 5.0)
    found = await asyncio.gather(*waiting)
    assert [value for value in found if value is not None] == ["a seat"]


async def test_it_can_be_waited_for_longer_than_the_client_of_redis_would(key: str) -> None:
    """redis-py gives up reading after 5 s by default."""
    store = RedisStore(need_redis())
    waiting = asyncio.create_task(store.wait(key, 8.0))
    await asyncio.sleep(5.5)
    await store.put(key, "late", 5.0)
    assert await waiting == "late"


async def test_a_connection_that_was_cut_meanwhile_costs_nobody_a_call(key: str) -> None:
    store = RedisStore(need_redis())
    await store.put(key, "a value", 5.0)
    quick = store._clients_of_this_loop().quick
    async with Redis.from_url(need_redis()) as operator:
        await operator.client_kill_filter(_id=str(await quick.client_id()))
    await asyncio.sleep(0.05)
    assert await store.take(key) == "a value"


def errors() -> float:
    labels = {"provider": "shared store"}
    return metrics.registry.get_sample_value("provider_errors_total", labels) or 0.0


async def test_a_store_that_is_away_is_said_to_be_once_counted_and_left_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away, before = RedisStore("redis://127.0.0.1:1"), errors()
    with pytest.raises(StoreUnavailable):
        await away.put("key", "value", 5.0)
    began_at = time.monotonic()
    for _time in range(20):
        with pytest.raises(StoreUnavailable):
            await away.take("key")
    assert time.monotonic() - began_at < 0.2
    assert errors() == before + 21
    assert len(caplog.records) == 1


async def test_a_store_that_hangs_is_given_up_in_time() -> None:
    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung.wait()
        writer.close()

    hung = asyncio.Event()
    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        began_at = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await RedisStore(f"redis://127.0.0.1:{port}").take("key")
        assert time.monotonic() - began_at < 1.5
        hung.set()


@pytest.mark.parametrize("address", ["nonsense", "redis://127.0.0.1:none"])
async def test_an_address_that_is_none_is_a_store_that_is_away(address: str) -> None:
    with pytest.raises(StoreUnavailable):
        await RedisStore(address).take("key")


async def test_it_is_asked_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, key: str
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(redis_store, "LEFT_ALONE_SECONDS", 0.05)
    store = RedisStore("redis://127.0.0.1:1")
    with pytest.raises(StoreUnavailable):
        await store.take(key)
    store._url = need_redis()
    store._clients.clear()
    await asyncio.sleep(0.1)
    await store.put(key, "back", 5.0)
    assert await store.take(key) == "back"
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_the_memory_of_a_process_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_store, "MOST_KEPT", 3)
    store = MemoryStore()
    for number in range(10):
        await store.put(str(number), "value", 60.0)
    assert len(store._kept) == 3
    assert await store.take("9") == "value"


def test_the_store_is_shared_only_with_redis(settings: Any) -> None:
    settings.REDIS_URL = ""
    assert not is_shared()
    assert isinstance(shared_store(), MemoryStore)
    settings.REDIS_URL = "redis://127.0.0.1:6379"
    assert is_shared()


async def test_a_loop_that_is_late_does_not_take_redis_for_dead(key: str) -> None:
    store = RedisStore(need_redis())
    await store.put(key, "a value", 5.0)
    taking = asyncio.create_task(store.wait(key, 0.01))
    for _ in range(100):  # Each turn of this loop takes a while, and one command needs several.
        if taking.done():
            break
        time.sleep(0.06)
        await asyncio.sleep(0)
    assert await taking == "a value"
