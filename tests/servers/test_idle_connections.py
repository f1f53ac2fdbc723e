"""Connections that are kept and not used, at the door of `manage.py serve`."""

import asyncio
from contextlib import AsyncExitStack

from calls.idle_connections import MOST_IDLE
from tests.servers.raw_http import Connection, connected, head
from tests.servers.running_server import RunningServer

ASKED = head("GET", "/healthz")
TOO_MANY = 100


async def is_open(connection: Connection) -> bool:
    """Whether another request on it is answered."""
    return await connection.send(ASKED) and bool(await connection.first_answer())


async def test_so_many_are_kept_and_the_longest_idle_are_closed(serving: RunningServer) -> None:
    async with AsyncExitStack() as stack:
        kept = []
        for _ in range(MOST_IDLE + TOO_MANY):
            connection = await stack.enter_async_context(connected(serving))
            assert await is_open(connection)
            kept.append(connection)
        await asyncio.sleep(0.2)
        oldest, others = kept[:TOO_MANY], kept[TOO_MANY + 5 :]
        assert [await is_open(it) for it in oldest] == [False] * TOO_MANY
        assert [await is_open(it) for it in others] == [True] * len(others)
