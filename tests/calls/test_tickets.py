"""A stream token is good once, for one call, for 60 seconds."""

import pytest

from calls.tickets import LIFETIME_SECONDS, TOKENS_OF_A_CALL, Tickets
from tests.calls.fake_clock import FakeClock
from tests.calls.samples import ACCOUNT_SID, CALL_SID, OTHER_CALL_SID, ticket

OTHER_ACCOUNT_SID = "AC" + "e5" * 16


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tickets(clock: FakeClock) -> Tickets:
    return Tickets(now=clock)


async def redeem(tickets: Tickets, token: str, call_sid: str = CALL_SID) -> object:
    return await tickets.redeem(token, call_sid=call_sid, account_sid=ACCOUNT_SID)


async def test_it_gives_the_ticket_to_the_call_it_was_minted_for(
    tickets: Tickets, clock: FakeClock
) -> None:
    minted = ticket(minted_at=clock())
    assert await redeem(tickets, tickets.mint(minted)) is minted
    assert minted.prefetch.cancelled is False


async def test_it_is_good_once(tickets: Tickets, clock: FakeClock) -> None:
    token = tickets.mint(ticket(minted_at=clock()))
    assert await redeem(tickets, token) is not None
    assert await redeem(tickets, token) is None


def test_it_cannot_be_guessed(tickets: Tickets, clock: FakeClock) -> None:
    tokens = {tickets.mint(ticket(f"CA{number:032x}", minted_at=clock())) for number in range(50)}
    assert len(tokens) == 50
    assert min(len(token) for token in tokens) >= 22  # 128 bits in base64


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 22])
async def test_it_refuses_what_it_never_minted(
    tickets: Tickets, clock: FakeClock, token: str
) -> None:
    tickets.mint(ticket(minted_at=clock()))
    assert await redeem(tickets, token) is None


async def test_it_refuses_another_call_and_another_account_and_stays_good_for_its_own(
    tickets: Tickets, clock: FakeClock
) -> None:
    token = tickets.mint(ticket(minted_at=clock()))
    assert await redeem(tickets, token, OTHER_CALL_SID) is None
    assert await tickets.redeem(token, call_sid=CALL_SID, account_sid=OTHER_ACCOUNT_SID) is None
    assert await redeem(tickets, token) is not None


async def test_it_is_good_for_sixty_seconds(tickets: Tickets, clock: FakeClock) -> None:
    assert LIFETIME_SECONDS == 60.0
    token = tickets.mint(ticket(minted_at=clock()))
    clock.advance(59.9)
    assert await redeem(tickets, token) is not None
    token = tickets.mint(ticket(minted_at=clock()))
    clock.advance(60.1)
    assert await redeem(tickets, token) is None


def test_it_gives_up_the_lookup_of_a_call_that_never_came(
    tickets: Tickets, clock: FakeClock
) -> None:
    forgotten = ticket(minted_at=clock())
    tickets.mint(forgotten)
    clock.advance(30.0)
    waiting = ticket(OTHER_CALL_SID, minted_at=clock())
    tickets.mint(waiting)
    clock.advance(31.0)
    assert len(tickets) == 1
    assert forgotten.prefetch.cancelled is True
    assert waiting.prefetch.cancelled is False


@pytest.mark.parametrize("follows", [0, 1])
async def test_a_retried_webhook_loses_no_call_whichever_answer_twilio_follows(
    tickets: Tickets, clock: FakeClock, follows: int
) -> None:
    retried = [ticket(minted_at=clock()), ticket(minted_at=clock())]
    tokens = [tickets.mint(it) for it in retried]
    assert await redeem(tickets, tokens[follows]) is retried[follows]
    assert await redeem(tickets, tokens[1 - follows]) is None, "the call has its stream"
    assert retried[1 - follows].prefetch.cancelled is True
    assert retried[follows].prefetch.cancelled is False


async def test_a_webhook_that_is_retried_without_end_fills_no_memory(
    tickets: Tickets, clock: FakeClock
) -> None:
    tokens = [tickets.mint(ticket(minted_at=clock())) for _ in range(100)]
    assert len(tickets) == TOKENS_OF_A_CALL
    assert len(tickets.waiting_besides(OTHER_CALL_SID)) == 1, "it is one call"
    assert await redeem(tickets, tokens[0]) is None
    assert await redeem(tickets, tokens[-1]) is not None


def test_what_is_kept_are_no_tokens(tickets: Tickets, clock: FakeClock) -> None:
    token = tickets.mint(ticket(minted_at=clock()))
    assert token not in str(tickets._tickets.keys())


async def test_it_leaves_the_tokens_of_other_calls_alone(
    tickets: Tickets, clock: FakeClock
) -> None:
    mine, other = ticket(minted_at=clock()), ticket(OTHER_CALL_SID, minted_at=clock())
    mine_token, other_token = tickets.mint(mine), tickets.mint(other)
    assert await redeem(tickets, other_token, OTHER_CALL_SID) is other
    assert await redeem(tickets, mine_token) is mine
    assert len(tickets) == 0


def test_it_counts_the_calls_on_their_way_besides_the_one_that_asks(
    tickets: Tickets, clock: FakeClock
) -> None:
    tickets.mint(ticket(minted_at=clock()))
    clock.advance(5.0)
    tickets.mint(ticket(OTHER_CALL_SID, minted_at=clock()))
    assert len(tickets.waiting_besides(CALL_SID)) == 1
    assert len(tickets.waiting_besides(OTHER_CALL_SID)) == 1
    assert len(tickets.waiting_besides("CA" + "f" * 32)) == 2
    clock.advance(31.0)
    assert tickets.waiting_besides(OTHER_CALL_SID) == []


async def test_who_has_not_come_for_long_is_let_in_and_keeps_nobody_out(
    tickets: Tickets, clock: FakeClock
) -> None:
    token = tickets.mint(ticket(minted_at=clock()))
    clock.advance(11.0)
    assert tickets.waiting_besides(OTHER_CALL_SID) == []
    assert tickets.expects(CALL_SID)
    assert await redeem(tickets, token) is not None


def test_who_has_hung_up_has_no_seat(tickets: Tickets, clock: FakeClock) -> None:
    gone = ticket(minted_at=clock())
    tickets.mint(gone)
    tickets.drop(CALL_SID)
    assert len(tickets) == 0 and gone.prefetch.cancelled
    assert tickets.of_call(CALL_SID) is None
