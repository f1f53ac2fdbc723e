"""A token minted by one process is good in each, once; while the store is away, at home."""

import asyncio
import time

import pytest

from calls.shared_ticket import SharedTicket
from calls.tickets import AWAITED_SECONDS, Tickets
from tests.calls.between import Between
from tests.calls.fake_clock import FakeClock
from tests.calls.samples import (
    ACCOUNT_SID,
    CALL_SID,
    CALLER_NUMBER,
    OTHER_CALL_SID,
    ticket,
)


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
    put = between.store.put

    async def slow_put(key: str, value: str, ttl_seconds: float) -> None:
        await asyncio.sleep(0.1)
        await put(key, value, ttl_seconds)

    between.store.put = slow_put  # type: ignore[method-assign]
    the_ticket = ticket()
    token = home.mint(the_ticket)
    home.share(token, the_ticket)
    order = (home, abroad) if first == "home" else (abroad, home)
    assert await redeem(order[0], token) is not None
    assert await redeem(order[1], token) is None


@pytest.mark.parametrize("answer", ["older", "newer"])
async def test_a_retried_webhook_loses_no_call_whichever_answer_twilio_follows(
    home: Tickets, abroad: Tickets, answer: str
) -> None:
    tokens = {"older": await minted(home), "newer": await minted(abroad)}
    assert isinstance(await redeem(Tickets(), tokens[answer]), SharedTicket)
    assert await redeem(home, tokens[answer]) is None


@pytest.mark.parametrize("later", ["home", "abroad"])
async def test_the_first_that_is_used_voids_the_others_everywhere(
    home: Tickets, abroad: Tickets, later: str
) -> None:
    """Of a webhook that came twice to the same process, or to two."""
    first, second, third = await minted(home), await minted(home), await minted(abroad)
    assert await redeem(home, first) is not None
    where = {"home": home, "abroad": abroad}[later]
    assert await redeem(where, second) is None
    assert await redeem(where, third) is None


async def test_of_all_tokens_of_a_call_at_once_one_is_good(home: Tickets, abroad: Tickets) -> None:
    tokens = [await minted((home, abroad)[number % 2]) for number in range(6)]
    found = await asyncio.gather(
        *(redeem((home, abroad)[number % 2], token) for number, token in enumerate(tokens))
    )
    assert len([one for one in found if one is not None]) == 1


async def test_a_token_that_is_minted_later_is_good(home: Tickets, abroad: Tickets) -> None:
    """A line that broke is connected anew with one."""
    assert await redeem(home, await minted(home)) is not None
    assert await redeem(abroad, await minted(home)) is not None


async def test_a_guess_does_not_void_it(home: Tickets, abroad: Tickets) -> None:
    token = await minted(home)
    assert await redeem(abroad, token, OTHER_CALL_SID) is None
    assert await redeem(abroad, token) is not None


async def test_a_guess_does_not_make_it_good_for_longer(
    home: Tickets, abroad: Tickets, between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await minted(home)
    [kept_for] = [until for _value, until in between.store._kept.values()]
    later = time.time() + 50.0
    monkeypatch.setattr("calls.tickets.time.time", lambda: later)
    assert await redeem(abroad, token, OTHER_CALL_SID) is None
    [kept_now] = [until for _value, until in between.store._kept.values()]
    assert kept_now < kept_for - 40.0


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
