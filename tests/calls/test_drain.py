"""Whether this process takes new calls, and until when running ones may go on."""

import asyncio
import threading

import pytest

from calls import drain as drain_module
from calls.drain import Drain
from tests.calls.fake_clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_000.0)


@pytest.fixture
def drain(clock: FakeClock) -> Drain:
    return Drain(clock)


def test_a_process_that_was_not_told_to_stop_takes_calls(drain: Drain) -> None:
    assert (drain.is_on, drain.is_over, drain.seconds_left) == (False, False, 0.0)


def test_running_calls_have_so_long_from_the_first_signal(drain: Drain, clock: FakeClock) -> None:
    drain.begin(900.0)
    clock.advance(899.0)
    assert (drain.is_on, drain.is_over, drain.seconds_left) == (True, False, 1.0)
    clock.advance(5.0)
    assert drain.seconds_left == 0.0


def test_a_second_signal_leaves_them_no_time(drain: Drain) -> None:
    drain.begin(900.0)
    drain.hurry()
    assert (drain.is_on, drain.seconds_left) == (True, 0.0)


async def test_calls_wait_for_its_end(drain: Drain) -> None:
    waiting = asyncio.create_task(drain.ended())
    await asyncio.sleep(0)
    drain.begin(900.0)
    await asyncio.sleep(0)
    assert not waiting.done()
    drain.end()
    async with asyncio.timeout(5.0):
        await waiting
        await drain.ended()  # A call that begins afterwards has its word at once.


async def test_calls_on_other_loops_are_woken_as_well(drain: Drain) -> None:
    waits = threading.Event()

    async def wait() -> None:
        asyncio.get_running_loop().call_soon(waits.set)
        await drain.ended()

    elsewhere = asyncio.create_task(asyncio.to_thread(lambda: asyncio.run(wait())))
    assert await asyncio.to_thread(waits.wait, 5.0)
    drain.end()
    async with asyncio.timeout(5.0):
        await elsewhere


async def test_a_call_that_is_over_is_forgotten(drain: Drain) -> None:
    waiting = asyncio.create_task(drain.ended())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not drain._waiting
    drain.end()


def test_nothing_in_these_tests_stops_the_process_they_run_in() -> None:
    assert not drain_module.drain.is_on
