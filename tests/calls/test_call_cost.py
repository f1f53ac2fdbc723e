"""What a call cost, by what it used and the prices of the settings."""

import dataclasses
from typing import Any

import pytest

from calls.call_cost import call_cost
from calls.models import Call
from voiceagent.prices import Prices

NOTHING = Prices("EUR", 0, 0, 0, 0, 0, 0)
PRICES = Prices("EUR", 0.01, 0.006, 0.4, 0.1, 1.6, 0.03)
CALL = Call(
    duration_ms=90_000,
    llm_input_tokens=100_000,
    llm_cached_tokens=60_000,
    llm_output_tokens=2_000,
    tts_characters=1_500,
)


@pytest.fixture(autouse=True)
def prices(settings: Any) -> None:
    settings.PRICES = PRICES


def test_it_counts_each_part_at_its_price() -> None:
    cost = call_cost(CALL)
    assert [line.shown for line in cost.lines] == [
        "0.0200",  # two begun minutes
        "0.0090",  # a minute and a half
        "0.0160",
        "0.0060",
        "0.0032",
        "0.0450",
    ]
    assert (cost.total, cost.currency, cost.settings_missing) == ("0.0992", "EUR", ())


def test_twilios_own_seconds_are_what_it_bills() -> None:
    telephone = call_cost(Call(duration_ms=90_000, reported_seconds=121)).lines[0]
    assert (telephone.used, telephone.shown) == ("3 begun minutes", "0.0300")


def test_without_a_price_it_says_what_to_set(settings: Any) -> None:
    settings.PRICES = dataclasses.replace(NOTHING, tts_1000=0.03)
    cost = call_cost(CALL)
    assert cost.total == "0.0450"
    assert "PRICE_PER_MINUTE_PHONE" in cost.settings_missing
    assert "PRICE_TTS_PER_1000" not in cost.settings_missing
    settings.PRICES = NOTHING
    assert call_cost(CALL).total == ""


def test_cached_tokens_without_a_price_cost_what_the_others_do(settings: Any) -> None:
    settings.PRICES = dataclasses.replace(NOTHING, llm_input=0.4)
    assert call_cost(CALL).total == "0.0400"


def test_a_call_that_nobody_answered_costs_nothing() -> None:
    assert call_cost(Call()).total == "0.0000"
