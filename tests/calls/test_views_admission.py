"""Which calls are let in, and which agent answers them."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest

from calls import views, warmup
from calls.drain import Drain
from calls.happenings import CallRang, TurnedAway
from calls.live import live_calls
from calls.tickets import Tickets
from calls.warmup import Report
from catalog import warmup as catalog_warmup
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_twilio import INCOMING, FakeTwilio, token_of, verbs
from tests.calls.samples import ACCOUNT_SID, CALL_SID, OTHER_CALL_SID, agent, catalog


def is_told_to_call_later(response: Any) -> bool:
    """Nobody works there: a sentence, the offer to be called back, and no stream."""
    return [name for name, _ in verbs(response)] == ["Say", "Gather", "Say", "Hangup"]


@pytest.mark.parametrize("follows", [0, 1])
async def test_it_answers_a_retried_webhook_alike_and_either_answer_leads_to_the_call(
    twilio: FakeTwilio, tickets: Tickets, posted: PostedHappenings, follows: int
) -> None:
    body = urlencode(INCOMING).encode()
    headers = {"X-Twilio-Signature": twilio.signature("/incoming-call", INCOMING)}
    answers = [
        await twilio.request(
            "POST", "/incoming-call", body, {**headers, "I-Twilio-Idempotency-Token": f"try-{n}"}
        )
        for n in range(2)
    ]
    assert verbs(answers[0]) == verbs(answers[1])
    token = token_of(answers[follows])
    redeemed = {"call_sid": CALL_SID, "account_sid": ACCOUNT_SID}
    assert await tickets.redeem(token, **redeemed) is not None
    assert len(tickets) == 0


async def test_it_is_not_busy_to_a_retry_of_a_call_that_is_on_the_line(
    twilio: FakeTwilio, settings, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    settings.MAX_CONCURRENT_CALLS = 1
    monkeypatch.setattr(live_calls, "_sessions", {CALL_SID: SimpleNamespace(agent_id=1)})
    assert verbs(await twilio.post("/incoming-call", INCOMING))[0][0] == "Connect"
    other = await twilio.post("/incoming-call", {**INCOMING, "CallSid": OTHER_CALL_SID})
    assert is_told_to_call_later(other)


async def test_it_has_the_agent_of_the_dialled_number_answer(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    sales = agent(agent_id=2, name="Sales")
    monkeypatch.setattr(
        catalog_warmup, "current", lambda: catalog(numbers={"+351200000009": sales})
    )
    await twilio.post("/incoming-call", {**INCOMING, "To": "+351 200 000 009"})
    await twilio.post("/incoming-call", {**INCOMING, "CallSid": OTHER_CALL_SID})
    names = [rang.agent_name for rang in posted.of_type(CallRang)]  # type: ignore[union-attr]
    assert names == ["Sales", "Reception"]


async def test_it_turns_away_a_number_that_nobody_answers(
    twilio: FakeTwilio,
    tickets: Tickets,
    monkeypatch: pytest.MonkeyPatch,
    posted: PostedHappenings,
) -> None:
    monkeypatch.setattr(catalog_warmup, "current", lambda: catalog(default=None))
    response = await twilio.post("/incoming-call", INCOMING)
    assert verbs(response) == [("Reject", {"reason": "rejected"})]
    (turned,) = posted.of_type(TurnedAway)
    assert (len(tickets), turned.why) == (0, "not in service")  # type: ignore[union-attr]


async def test_it_is_busy_when_one_more_call_would_be_too_many(
    twilio: FakeTwilio, tickets: Tickets, settings, posted: PostedHappenings
) -> None:
    settings.MAX_CONCURRENT_CALLS = 1
    assert verbs(await twilio.post("/incoming-call", INCOMING))[0][0] == "Connect"
    response = await twilio.post("/incoming-call", {**INCOMING, "CallSid": OTHER_CALL_SID})
    assert is_told_to_call_later(response)
    assert len(tickets) == 1


async def test_it_is_not_busy_to_a_retry_of_the_call_that_fills_it(
    twilio: FakeTwilio, settings, posted: PostedHappenings
) -> None:
    settings.MAX_CONCURRENT_CALLS = 1
    await twilio.post("/incoming-call", INCOMING)
    assert verbs(await twilio.post("/incoming-call", INCOMING))[0][0] == "Connect"


async def test_it_is_busy_when_one_more_would_be_too_many_for_this_agent_alone(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    sales, other = agent(agent_id=2, name="Sales", most_calls=1), {"CallSid": OTHER_CALL_SID}
    numbers = {"+351200000009": sales}
    monkeypatch.setattr(catalog_warmup, "current", lambda: catalog(numbers=numbers))
    to_sales = {**INCOMING, "To": "+351200000009"}
    assert verbs(await twilio.post("/incoming-call", to_sales))[0][0] == "Connect"
    second = await twilio.post("/incoming-call", {**to_sales, **other})
    assert is_told_to_call_later(second)
    to_another_agent = await twilio.post("/incoming-call", {**INCOMING, **other})
    assert verbs(to_another_agent)[0][0] == "Connect"


async def test_it_counts_the_calls_an_agent_has_on_the_line(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    monkeypatch.setattr(catalog_warmup, "current", lambda: catalog(default=agent(most_calls=1)))
    monkeypatch.setattr(live_calls, "of_agent", lambda agent_id: int(agent_id == 1))
    response = await twilio.post("/incoming-call", INCOMING)
    assert is_told_to_call_later(response)


async def test_it_is_not_ready_before_the_warm_up_is_done(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    monkeypatch.setattr(warmup, "report", lambda: Report(False, ()))
    response = await twilio.post("/incoming-call", INCOMING)
    assert (response.status_code, response.text) == (503, "Not ready yet.\n")


async def test_it_sends_new_calls_elsewhere_when_it_is_about_to_stop(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    stopping = Drain()
    monkeypatch.setattr(views, "drain", stopping)
    await twilio.post("/incoming-call", INCOMING)
    stopping.begin(900.0)
    refused = await twilio.post("/incoming-call", {**INCOMING, "CallSid": OTHER_CALL_SID})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert posted.of_type(TurnedAway) == [], "another server has the call"
    # The webhook that came before comes again: this server has the call already.
    assert verbs(await twilio.post("/incoming-call", INCOMING))[0][0] == "Connect"


async def test_it_is_not_ready_without_a_catalog(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    def nothing() -> None:
        raise catalog_warmup.CatalogNotReady("The catalog is not loaded yet.")

    monkeypatch.setattr(catalog_warmup, "current", nothing)
    assert (await twilio.post("/incoming-call", INCOMING)).status_code == 503
