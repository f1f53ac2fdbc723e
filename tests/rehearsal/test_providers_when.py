"""The day and the time that the scripted receptionist hears in what a caller says."""

import pytest

from rehearsal.providers.spoken_numbers import in_figures
from rehearsal.providers.when import When, when_in


@pytest.mark.parametrize(
    ("words", "figures"),
    [
        ("three pm", "3 pm"),
        ("three thirty", "3:30"),
        ("fifteen thirty", "15:30"),
        ("nine oh five", "9:05"),
        ("the twenty-fifth", "the 25"),
        ("twenty five", "25"),
        ("às quinze e trinta", "às 15:30"),
        ("vinte e cinco de janeiro", "25 de janeiro"),
        ("in twenty days", "in 20 days"),
        ("someone", "someone"),
    ],
)
def test_it_writes_numbers_in_figures(words: str, figures: str) -> None:
    assert in_figures(words) == figures


@pytest.mark.parametrize(
    ("words", "when"),
    [
        (
            "I'd like to book an appointment for Tuesday at three pm.",
            When("Tuesday", "3 pm"),
        ),
        ("Tuesday at three p.m.", When("Tuesday", "3 p.m")),
        ("tomorrow at half past three", When("tomorrow", "half past 3")),
        ("on the first of December at fifteen thirty", When("the 1 of December", "15:30")),
        ("December first at 3 PM please", When("December 1", "3 PM")),
        (
            "next Tuesday at three thirty in the afternoon",
            When("next Tuesday", "3:30 in the afternoon"),
        ),
        ("Tuesday next week at noon", When("Tuesday next week", "noon")),
        ("How about twenty past three?", When("", "20 past 3")),
        ("At four, then.", When("", "4")),
        ("terça-feira às três da tarde", When("terça-feira", "3 da tarde")),
        ("amanhã às quinze e trinta", When("amanhã", "15:30")),
        ("dia vinte e cinco de janeiro às 9h", When("dia 25 de janeiro", "9h")),
        ("na próxima terça às três e meia", When("próxima terça", "3 e meia")),
        ("depois de amanhã ao meio-dia", When("depois de amanhã", "meio-dia")),
        ("I would like to book an appointment.", When()),
        ("Can you tell me one thing?", When()),
    ],
)
def test_it_hears_the_day_and_the_time(words: str, when: When) -> None:
    assert when_in(words) == when


def test_what_is_not_named_now_may_have_been_named_before() -> None:
    assert When(time="3 pm").or_else(When("Tuesday", "9")) == When("Tuesday", "3 pm")
