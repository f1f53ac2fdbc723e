"""One clock for all calls of an event loop."""

import asyncio
import gc
import time

import pytest

from rehearsal.caller import ticker as module
from rehearsal.caller.ticker import PERIOD_SECONDS, SLOTS, Ticker, ticker


async def test_it_ticks_every_20_ms_by_a_schedule_of_its_own():
    due: list[float] = []
    first = ticker().join(due.append)
    began = asyncio.get_running_loop().time()
    assert 0.005 < first - began < 0.035
    await asyncio.sleep(0.3)
    ticker().leave(due.append)
    assert due[0] == first
    apart = [after - before for before, after in zip(due, due[1:], strict=False)]
    assert apart == pytest.approx([PERIOD_SECONDS] * len(apart))
    count = len(due)
    assert count >= 12
    await asyncio.sleep(0.06)
    assert len(due) == count


async def test_what_was_late_is_caught_up_with():
    due: list[float] = []
    first = ticker().join(due.append)
    await asyncio.sleep(0.03)
    time.sleep(0.2)  # the whole loop is blocked
    await asyncio.sleep(0.05)
    ticker().leave(due.append)
    seconds = asyncio.get_running_loop().time() - first
    assert len(due) == pytest.approx(seconds / PERIOD_SECONDS, abs=2)


async def test_many_share_few_wake_ups():
    one = Ticker()
    ticks = [0] * 200
    calls = []
    for number in range(200):

        def tick(_due: float, number: int = number) -> None:
            ticks[number] += 1

        calls.append(tick)
        one.join(tick)
    assert max(len(slot) for slot in one._slots) <= 200 / SLOTS + 2
    turns = 0
    turn = one._turn

    def counted() -> None:
        nonlocal turns
        turns += 1
        turn()

    one._turn = counted  # type: ignore[method-assign]
    await asyncio.sleep(0.2)
    for call in calls:
        one.leave(call)
    assert min(ticks) >= 6
    assert turns <= sum(ticks) / 15


async def test_one_that_stumbles_does_not_stop_the_others(caplog):
    due: list[float] = []

    def stumble(_due: float) -> None:
        raise ZeroDivisionError

    ticker().join(stumble)
    ticker().join(due.append)
    async with asyncio.timeout(5):
        while len(due) < 3:
            await asyncio.sleep(0.02)
    ticker().leave(due.append)
    assert caplog.text.count("A simulated caller stumbled") == 1


async def test_one_that_comes_later_does_not_wait_for_the_others_turn():
    one = Ticker()
    due: list[float] = []
    one.join(lambda _due: None)
    await asyncio.sleep(0.025)
    first = one.join(due.append)
    await asyncio.sleep(0.06)
    assert due[0] == first
    one.leave(due.append)


def test_a_loop_that_is_gone_leaves_no_ticker_behind():
    async def tick() -> None:
        due: list[float] = []
        ticker().join(due.append)
        await asyncio.sleep(0.04)
        ticker().leave(due.append)
        assert due

    gc.collect()
    before = len(module._tickers)
    asyncio.run(tick())
    gc.collect()
    assert len(module._tickers) == before
