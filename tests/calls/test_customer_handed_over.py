"""The look-up that one process began is waited for in another, and never for too long."""

import asyncio
import dataclasses
import json
import time
from typing import Any

import pytest

from calls import caller_context
from calls.caller_context import AdoptedPrefetch, Prefetch
from calls.shared_store import StoreUnavailable
from customers.records import CustomerRecord
from tests.calls.between import Between
from tests.calls.conftest import KnownCustomers
from tests.calls.samples import CALL_SID, CALLER_NUMBER, CUSTOMER


async def adopted(age_seconds: float = 0.0) -> AdoptedPrefetch:
    return AdoptedPrefetch(CALL_SID, CALLER_NUMBER, age_seconds=age_seconds)


async def test_the_customer_is_handed_over(between: Between, directory: KnownCustomers) -> None:
    there = await adopted()
    here = Prefetch(CALLER_NUMBER, call_sid=CALL_SID)
    async with asyncio.timeout(2.0):
        assert await there.customer() == CUSTOMER == await here.customer()
    assert directory.asked == [CALLER_NUMBER], "one look-up served both"


async def test_so_is_the_word_that_nobody_is_known(between: Between) -> None:
    there = await adopted()
    await between.store.put(f"customer:{CALL_SID}", "null", 5.0)
    async with asyncio.timeout(1.0):
        assert await there.customer() is None


async def test_a_call_that_stays_hands_over_nothing(
    between: Between, directory: KnownCustomers
) -> None:
    here = Prefetch(CALLER_NUMBER, call_sid=CALL_SID)
    here.stays_here()
    await here.customer()
    assert between.store._kept == {}


async def test_it_waits_for_what_is_left_of_the_limit_and_no_longer(
    between: Between, settings: Any
) -> None:
    settings.PREFETCH_TIMEOUT = 0.3
    began_at = time.monotonic()
    assert await (await adopted(age_seconds=0.2)).customer() is None
    assert time.monotonic() - began_at < 0.25
    assert await (await adopted(age_seconds=-3_600.0)).customer() is None, "clocks disagree"
    assert time.monotonic() - began_at < 2.0


async def test_it_looks_for_itself_while_the_store_is_away(
    between: Between, directory: KnownCustomers
) -> None:
    between.away = True
    assert await (await adopted()).customer() == CUSTOMER


async def test_it_waits_no_longer_when_the_store_fails_meanwhile(
    between: Between, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of the limit then is for a look-up of its own."""

    class Slow:
        async def find_by_phone(self, number: str) -> CustomerRecord | None:
            await asyncio.sleep(30.0)
            return CUSTOMER

    async def fail_late(key: str, seconds: float) -> str | None:
        await asyncio.sleep(0.25)
        raise StoreUnavailable

    settings.PREFETCH_TIMEOUT = 0.3
    monkeypatch.setattr(caller_context, "get_directory", Slow)
    monkeypatch.setattr(between.store, "wait", fail_late)
    began_at = time.monotonic()
    assert await (await adopted()).customer() is None
    assert time.monotonic() - began_at < 0.5


async def test_a_customer_that_cannot_be_written_is_known_at_home(
    between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd: Any = CustomerRecord(object(), "Maria", "pt", "", "")  # type: ignore[arg-type]

    class Odd:
        async def find_by_phone(self, number: str) -> CustomerRecord | None:
            return odd

    monkeypatch.setattr(caller_context, "get_directory", Odd)
    assert await Prefetch(CALLER_NUMBER, call_sid=CALL_SID).customer() is odd


OF_WRONG_TYPES = (
    '{"customer_id": 1, "name": 5, "language": "", "status": "", "notes": "", "facts": []}'
)


@pytest.mark.parametrize(
    "written", ["[]", '{"name": 1}', "nonsense", '{"facts": null}', OF_WRONG_TYPES]
)
async def test_a_damaged_customer_is_nobody(between: Between, written: str) -> None:
    await between.store.put(f"customer:{CALL_SID}", written, 5.0)
    assert await (await adopted()).customer() is None


async def test_a_withheld_number_is_not_waited_for(between: Between) -> None:
    began_at = time.monotonic()
    assert await AdoptedPrefetch(CALL_SID, None, age_seconds=0.0).customer() is None
    assert time.monotonic() - began_at < 0.2


def test_a_customer_survives_the_journey() -> None:
    record = CustomerRecord("a-uuid", "Zoë “Z” Díaz", "pt", "vip", "a\nb", ("one", "two"))
    written = json.dumps(dataclasses.asdict(record))
    assert caller_context._read(written) == record
