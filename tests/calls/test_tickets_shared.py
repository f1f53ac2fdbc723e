"""A token minted by one process is good in each, once; while the store is away, at home."""

import asyncio
import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import pytest

from calls import adoption, caller_context, shared_store, tickets
from calls.adoption import adopt
from calls.caller_context import AdoptedPrefetch, Prefetch
from calls.shared_store import MemoryStore, StoreUnavailable
from calls.tickets import AWAITED_SECONDS, SharedTicket, Tickets
from catalog.snapshot_loading import SnapshotInvalid
from customers.records import CustomerRecord
from tests.calls.conftest import KnownCustomers
from tests.calls.fake_clock import FakeClock
from tests.calls.samples import (
    ACCOUNT_SID,
    CALL_SID,
    CALLER_NUMBER,
    CUSTOMER,
    OTHER_CALL_SID,
    catalog,
    ticket,
)


class Between:
    """What lies between the two processes of these tests."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.away = False

    def __call__(self) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if self.away:
            return self._refuse
        return getattr(self.store, name)

    async def _refuse(self, *_arguments: object) -> None:
        raise StoreUnavailable


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Between:
    between = Between()
    for module in (tickets, caller_context):
        monkeypatch.setattr(module, "shared_store", between)
        monkeypatch.setattr(module, "is_shared", lambda: True)
    return between


@pytest.fixture
def home(between: Between) -> Tickets:
    return Tickets()


@pytest.fixture
def abroad(between: Between) -> Tickets:
    return Tickets()


async def minted(home: Tickets, call_sid: str = CALL_SID) -> str:
    the_ticket = ticket(call_sid)
    token = home.mint(the_ticket)
    home.share(token, the_ticket)
    assert the_ticket.sharing is not None
    await the_ticket.sharing
    return token


async def redeem(tickets: Tickets, token: str, call_sid: str = CALL_SID) -> object:
    return await tickets.redeem(token, call_sid=call_sid, account_sid=ACCOUNT_SID)


async def test_another_process_learns_all_it_needs(home: Tickets, abroad: Tickets) -> None:
    shared = await redeem(abroad, await minted(home))
    assert isinstance(shared, SharedTicket)
    assert (shared.call_sid, shared.caller_number) == (CALL_SID, CALLER_NUMBER)
    assert (shared.agent_id, shared.revision) == (1, 42)


@pytest.mark.parametrize("first", ["home", "abroad"])
async def test_it_is_good_once_in_all_processes_together(
    home: Tickets, abroad: Tickets, first: str
) -> None:
    token = await minted(home)
    order = (home, abroad) if first == "home" else (abroad, home)
    assert await redeem(order[0], token) is not None
    assert await redeem(order[1], token) is None
    assert await redeem(order[0], token) is None


async def test_of_many_at_once_one_is_let_in(home: Tickets, abroad: Tickets) -> None:
    token = await minted(home)
    found = await asyncio.gather(
        *(redeem((home, abroad)[number % 2], token) for number in range(20))
    )
    assert len([one for one in found if one is not None]) == 1


@pytest.mark.parametrize("first", ["home", "abroad"])
async def test_a_stream_that_is_quicker_than_the_word_of_it_is_let_in_once(
    home: Tickets, abroad: Tickets, between: Between, first: str
) -> None:
    put = between.store.put_only

    async def slow_put(owner: str, key: str, value: str, ttl_seconds: float) -> None:
        await asyncio.sleep(0.1)
        await put(owner, key, value, ttl_seconds)

    between.store.put_only = slow_put  # type: ignore[method-assign]
    the_ticket = ticket()
    token = home.mint(the_ticket)
    home.share(token, the_ticket)
    order = (home, abroad) if first == "home" else (abroad, home)
    assert await redeem(order[0], token) is not None
    assert await redeem(order[1], token) is None


async def test_a_retried_webhook_voids_the_older_token_everywhere(
    home: Tickets, abroad: Tickets
) -> None:
    older = await minted(home)
    newer = await minted(abroad)
    assert await redeem(home, older) is None
    assert await redeem(abroad, older) is None
    assert isinstance(await redeem(home, newer), SharedTicket)


async def test_a_guess_does_not_void_it(home: Tickets, abroad: Tickets) -> None:
    token = await minted(home)
    assert await redeem(abroad, token, OTHER_CALL_SID) is None
    assert await redeem(abroad, token) is not None


async def test_the_store_learns_no_token(home: Tickets, between: Between) -> None:
    token = await minted(home)
    assert token not in str(between.store._kept)


async def test_while_the_store_is_away_it_is_good_at_home(
    home: Tickets, abroad: Tickets, between: Between
) -> None:
    between.away = True
    token = await minted(home)
    assert await redeem(abroad, token) is None
    assert await redeem(home, token) is not None
    assert await redeem(home, token) is None


async def test_one_minted_while_the_store_was_away_is_good_when_it_is_back(
    home: Tickets, between: Between
) -> None:
    between.away = True
    token = await minted(home)
    between.away = False
    assert await redeem(home, token) is not None


async def test_what_stands_in_the_store_may_be_damaged(
    home: Tickets, abroad: Tickets, between: Between
) -> None:
    token = await minted(home)
    for key in list(between.store._kept):
        await between.store.put(key, "[1, 2", 60.0)
    assert await redeem(abroad, token) is None


async def test_a_call_that_went_elsewhere_takes_no_seat_for_long(between: Between) -> None:
    clock = FakeClock()
    home = Tickets(now=clock)
    the_ticket = ticket(minted_at=clock())
    home.share(home.mint(the_ticket), the_ticket)
    assert the_ticket.sharing is not None
    await the_ticket.sharing
    assert len(home.waiting_besides(OTHER_CALL_SID)) == 1
    clock.advance(AWAITED_SECONDS + 0.1)
    assert home.waiting_besides(OTHER_CALL_SID) == []


# What the look-up found goes the same way ---------------------------------------


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


@pytest.mark.parametrize("written", ["[]", '{"name": 1}', "nonsense", '{"facts": null}'])
async def test_a_damaged_customer_is_nobody(between: Between, written: str) -> None:
    await between.store.put(f"customer:{CALL_SID}", written, 5.0)
    assert await (await adopted()).customer() is None


async def test_a_withheld_number_is_not_waited_for(between: Between) -> None:
    began_at = time.monotonic()
    assert await AdoptedPrefetch(CALL_SID, None, age_seconds=0.0).customer() is None
    assert time.monotonic() - began_at < 0.2


# The call that is made of it ----------------------------------------------------

SHARED = SharedTicket(CALL_SID, ACCOUNT_SID, CALLER_NUMBER, 1, 42, 0.0)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process works from revision 42, and knows no other."""

    def load(revision: int) -> Any:
        raise SnapshotInvalid("It is gone.")

    monkeypatch.setattr(adoption.catalog_warmup, "is_warm", lambda: True)
    monkeypatch.setattr(adoption.catalog_warmup, "current", catalog)
    monkeypatch.setattr(adoption, "load_snapshot", load)
    yield


async def test_the_agent_is_the_one_the_phone_rang_for(served: None, between: Between) -> None:
    ticket = await adopt(SHARED)
    assert ticket is not None
    assert (ticket.agent.agent_id, ticket.snapshot.revision) == (1, 42)
    ticket.prefetch.cancel()


async def test_a_revision_that_is_not_at_hand_is_replaced_by_the_one_in_use(
    served: None, between: Between
) -> None:
    ticket = await adopt(dataclasses.replace(SHARED, revision=41))
    assert ticket is not None
    assert ticket.snapshot.revision == 42
    ticket.prefetch.cancel()


async def test_an_agent_nobody_knows_answers_no_call(served: None, between: Between) -> None:
    assert await adopt(dataclasses.replace(SHARED, agent_id=99)) is None


def test_the_store_is_shared_only_with_redis(settings: Any) -> None:
    settings.REDIS_URL = ""
    assert not shared_store.is_shared()
    assert isinstance(shared_store.shared_store(), MemoryStore)
    settings.REDIS_URL = "redis://127.0.0.1:6379"
    assert shared_store.is_shared()


def test_a_customer_survives_the_journey() -> None:
    record = CustomerRecord("a-uuid", "Zoë “Z” Díaz", "pt", "vip", "a\nb", ("one", "two"))
    written = caller_context.json.dumps(dataclasses.asdict(record))
    assert caller_context._read(written) == record
