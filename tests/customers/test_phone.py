"""customers/phone.py: one spelling for a number, none for a hidden one."""

import pytest

from customers.phone import normalise


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("+12025550143", "+12025550143"),
        ("+1 (202) 555-0143", "+12025550143"),
        (" +351 200 000 011 ", "+351200000011"),
        ("whatsapp:+12025550143", "+12025550143"),
    ],
)
def test_it_brings_a_number_to_one_spelling(raw: str, number: str) -> None:
    assert normalise(raw) == number


def test_it_needs_a_country_for_a_number_without_one() -> None:
    assert normalise("200 000 011") is None
    assert normalise("200 000 011", "PT") == "+351200000011"


@pytest.mark.parametrize(
    "raw",
    ["", " ", "anonymous", "Restricted", "unavailable", "client:bob", "sip:bob@example.org", "+1",
     "+266696687", "+7378742833", "+86282452253", "+2562533", "9" * 300, "\x00", "+" * 300],
)  # fmt: skip
def test_it_knows_nobody_by_a_hidden_or_unreadable_number(raw: str) -> None:
    assert normalise(raw) is None
