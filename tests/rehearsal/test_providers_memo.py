"""Slow results, shared and kept."""

import asyncio

import pytest

from rehearsal.providers.memo import Memo


class Kitchen:
    """Counts what was cooked; a dish is ready when it is let go."""

    def __init__(self) -> None:
        self.cooked: list[str] = []
        self.ready = asyncio.Event()

    async def cook(self, dish: str) -> str:
        self.cooked.append(dish)
        await self.ready.wait()
        return dish.upper()


async def test_those_who_ask_for_the_same_at_once_share_the_work() -> None:
    kitchen, memo = Kitchen(), Memo[str, str](8)
    asking = [asyncio.create_task(memo.get("soup", lambda: kitchen.cook("soup"))) for _ in range(5)]
    await asyncio.sleep(0)
    kitchen.ready.set()
    assert await asyncio.gather(*asking) == ["SOUP"] * 5
    assert await memo.get("soup", lambda: kitchen.cook("soup")) == "SOUP"
    assert kitchen.cooked == ["soup"]


async def test_one_who_gives_up_takes_nothing_from_the_others() -> None:
    kitchen, memo = Kitchen(), Memo[str, str](8)
    gives_up, waits = (
        asyncio.create_task(memo.get("soup", lambda: kitchen.cook("soup"))) for _ in range(2)
    )
    await asyncio.sleep(0)
    gives_up.cancel()
    await asyncio.wait([gives_up])
    kitchen.ready.set()
    assert await waits == "SOUP"


async def test_a_failure_is_not_kept() -> None:
    memo = Memo[str, int](8)

    async def fail() -> int:
        raise ValueError

    async def work() -> int:
        return 1

    with pytest.raises(ValueError):
        await memo.get("it", fail)
    assert await memo.get("it", work) == 1


async def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    kitchen, memo = Kitchen(), Memo[str, str](2)
    kitchen.ready.set()
    for dish in ("soup", "fish", "soup", "cake", "soup", "fish"):
        await memo.get(dish, lambda dish=dish: kitchen.cook(dish))
    assert kitchen.cooked == ["soup", "fish", "cake", "fish"]


async def test_what_is_under_way_is_never_forgotten() -> None:
    kitchen, memo = Kitchen(), Memo[str, str](1)
    asking = [
        asyncio.create_task(memo.get(dish, lambda dish=dish: kitchen.cook(dish)))
        for dish in ("soup", "fish", "cake")
    ]
    await asyncio.sleep(0)
    kitchen.ready.set()
    assert await asyncio.gather(*asking) == ["SOUP", "FISH", "CAKE"]


async def test_closing_leaves_no_task() -> None:
    kitchen, memo = Kitchen(), Memo[str, str](8)
    asking = asyncio.create_task(memo.get("soup", lambda: kitchen.cook("soup")))
    await asyncio.sleep(0)
    await memo.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert asyncio.all_tasks() == {asyncio.current_task()}
