"""Who is calling? Found out in time, or not at all; the call goes on either way."""

import asyncio
from collections.abc import Callable

import pytest

from calls import caller_context, metrics
from calls.caller_context import Prefetch
from customers.directory import DirectoryError
from customers.records import CustomerRecord
from tests.calls.samples import CALLER_NUMBER, CUSTOMER


class FakeDirectory:
    """Answers once it is let; raises when it was told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.problem: Exception | None = None
        self.given_up = asyncio.Event()

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        self.asked.append(number)
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise
        if self.problem is not None:
            raise self.problem
        return CUSTOMER if number == CALLER_NUMBER else None


@pytest.fixture
async def directory(monkeypatch: pytest.MonkeyPatch, settings) -> FakeDirectory:
    settings.PREFETCH_TIMEOUT = 5.0
    directory = FakeDirectory()
    monkeypatch.setattr(caller_context, "get_directory", lambda: directory)
    return directory


def directory_errors() -> float:
    labels = {"provider": "directory"}
    return metrics.registry.get_sample_value("provider_errors_total", labels) or 0.0


async def test_it_starts_looking_before_anybody_asks(directory: FakeDirectory) -> None:
    prefetch = Prefetch(CALLER_NUMBER)
    await asyncio.sleep(0)
    assert directory.asked == [CALLER_NUMBER]
    assert not prefetch.done
    directory.may_answer.set()
    assert await prefetch.customer() == CUSTOMER
    assert prefetch.done
    assert prefetch.took_ms is not None and prefetch.took_ms >= 0.0


async def test_it_gives_the_same_answer_to_all_who_ask(directory: FakeDirectory) -> None:
    directory.may_answer.set()
    prefetch = Prefetch(CALLER_NUMBER)
    assert await asyncio.gather(*(prefetch.customer() for _ in range(3))) == [CUSTOMER] * 3
    assert directory.asked == [CALLER_NUMBER]


async def test_it_finds_nobody_for_an_unknown_number(directory: FakeDirectory) -> None:
    directory.may_answer.set()
    assert await Prefetch("+351200000099").customer() is None


async def test_it_does_not_look_for_a_withheld_number(directory: FakeDirectory) -> None:
    prefetch = Prefetch(None)
    assert await prefetch.customer() is None
    assert directory.asked == []
    assert prefetch.took_ms is None


async def test_it_gives_up_after_the_time_limit(directory: FakeDirectory, settings) -> None:
    settings.PREFETCH_TIMEOUT = 0.01
    before = directory_errors()
    async with asyncio.timeout(1.0):
        assert await Prefetch(CALLER_NUMBER).customer() is None
        await directory.given_up.wait()
    assert directory_errors() == before + 1


async def test_it_goes_on_without_the_customer_when_the_directory_fails(
    directory: FakeDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    directory.problem = DirectoryError("The customer database did not answer.")
    directory.may_answer.set()
    before = directory_errors()
    prefetch = Prefetch(CALLER_NUMBER)
    assert await prefetch.customer() is None
    assert prefetch.took_ms is None
    assert directory_errors() == before + 1
    assert CALLER_NUMBER not in caplog.text


async def test_whatever_a_directory_raises_ends_in_an_unknown_customer(
    directory: FakeDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    directory.problem = KeyError(CALLER_NUMBER)
    directory.may_answer.set()
    before = directory_errors()
    assert await Prefetch(CALLER_NUMBER).customer() is None
    assert directory_errors() == before + 1
    assert CALLER_NUMBER not in caplog.text


async def test_it_is_not_cancelled_with_one_of_those_who_wait(directory: FakeDirectory) -> None:
    prefetch = Prefetch(CALLER_NUMBER)
    waiter = asyncio.create_task(prefetch.customer())
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.wait([waiter])
    directory.may_answer.set()
    assert await prefetch.customer() == CUSTOMER


async def test_it_can_be_given_up_and_then_knows_nobody(directory: FakeDirectory) -> None:
    prefetch = Prefetch(CALLER_NUMBER)
    await asyncio.sleep(0)
    prefetch.cancel()
    assert await prefetch.customer() is None
    assert directory.given_up.is_set()


@pytest.mark.parametrize("forget", [Prefetch.cancel, lambda prefetch: None])
async def test_it_keeps_its_answer_when_it_is_given_up_too_late(
    directory: FakeDirectory, forget: Callable[[Prefetch], None]
) -> None:
    directory.may_answer.set()
    prefetch = Prefetch(CALLER_NUMBER)
    await prefetch.customer()
    forget(prefetch)
    assert await prefetch.customer() == CUSTOMER
