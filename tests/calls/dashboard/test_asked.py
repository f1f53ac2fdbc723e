"""Any address gives a page: hostile ones too."""

from datetime import date, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from calls.dashboard.asked import read
from calls.dashboard.period import LONGEST_DAYS, from_to, of_key

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    "address",
    [
        {"period": "' OR 1=1"},
        {"period": "custom"},
        {"period": "custom", "from": "yesterday", "to": "\0"},
        {"period": "custom", "from": "0001-01-01", "to": "9999-12-31"},
        {"agent": "9" * 400},
        {"agent": "-1"},
        {"agent": "²"},
        {"number": "\0"},
        {"number": "+351'; DROP TABLE"},
    ],
)
def test_it_says_what_it_did_not_understand_and_shows_the_usual(address: dict[str, str]) -> None:
    asked = read(address)
    assert asked.problems
    assert (asked.agent_key, asked.number) == (None, "")
    assert asked.period.key == "2"


def test_an_address_without_anything_is_no_problem() -> None:
    assert read({}).problems == ()


def test_its_address_leads_to_the_same_view_again() -> None:
    address = {
        "period": "custom",
        "from": "2026-03-01",
        "to": "2026-03-05",
        "agent": "7",
        "number": "+351200000001",
    }
    asked = read(address)
    assert asked.problems == ()
    assert asked.query() == (
        "period=custom&from=2026-03-01&to=2026-03-05&agent=7&number=%2B351200000001"
    )


def test_the_list_of_calls_is_narrowed_in_the_same_way() -> None:
    asked = read({"period": "custom", "from": "2026-03-01", "to": "2026-03-05", "agent": "7"})
    assert asked.list_link(look="slow") == (
        "/admin/calls/call/?created_at_from=2026-03-01&created_at_to=2026-03-05&agent=7&look=slow"
    )


def test_a_period_that_is_too_long_is_cut_and_said_to_be() -> None:
    asked = read({"period": "custom", "from": "2020-01-01", "to": "2026-03-05"})
    assert len(asked.period.slots()) == LONGEST_DAYS
    assert asked.problems


def test_from_and_to_may_be_the_wrong_way_round() -> None:
    turned = from_to(date(2026, 3, 5), date(2026, 3, 1))
    assert (turned.first, turned.last) == (date(2026, 3, 1), date(2026, 3, 5))


def test_two_days_go_by_hour_and_three_by_day() -> None:
    assert len(of_key("2", TODAY).slots()) == 48
    assert len(from_to(TODAY, TODAY + timedelta(days=2)).slots()) == 3


@override_settings(TIME_ZONE="Europe/Lisbon")
def test_a_day_on_which_the_clocks_change_has_its_own_hours() -> None:
    with timezone.override("Europe/Lisbon"):
        assert len(from_to(date(2026, 3, 29), date(2026, 3, 29)).slots()) == 23
        assert len(from_to(date(2026, 10, 25), date(2026, 10, 25)).slots()) == 25
