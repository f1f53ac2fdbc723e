"""How a phone number is shown to somebody who may not see it."""

import pytest

from calls.masking import document_with_masked_numbers, masked, with_masked_numbers

SID = "CA" + "12345678" * 4


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+351200000002", "+351 ••• 002"),
        ("+12025550143", "+120 ••• 143"),
        ("", ""),
        ("+12345678", "••• 78"),
        ("112", "•••"),
    ],
)
def test_it_keeps_the_country_and_the_last_digits(number: str, shown: str) -> None:
    assert masked(number) == shown


@pytest.mark.parametrize(
    "written",
    [
        "+351200000002",
        "whatsapp:+351200000002",
        "whatsapp:351200000002",
        "whatsapp%3A%2B351200000002",
        "tel:+351200000002",
        "sip:351200000002@example.org",
        "%2B351200000002",
        "%2b351200000002",
        "%252B351200000002",
        "\\u002B351200000002",
        "&#43;351200000002",
        "&#x2b;351200000002",
        "+351 200 000 002",
        "+351%20200%20000%20002",
        "+351 (200) 000-002",
        "+351.200.000.002",
    ],
)
def test_it_masks_a_number_however_it_is_written(written: str) -> None:
    shown = with_masked_numbers(f"GET /calls?From={written}&To=somebody 404")
    assert "+351 ••• 002" in shown
    assert "200" not in shown and "000" not in shown
    assert shown.endswith("&To=somebody 404")


def test_it_masks_every_number_of_a_text_and_leaves_the_words() -> None:
    shown = with_masked_numbers("+351200000002 rang +351200000001, 3 times")
    assert shown == "+351 ••• 002 rang +351 ••• 001, 3 times"


def test_what_is_longer_than_any_number_is_masked_to_its_end() -> None:
    assert with_masked_numbers("+" + "1234567890" * 3) == "+123 ••• 890"


@pytest.mark.parametrize(
    "text",
    [
        f"Call {SID} failed.",
        "2026-11-23 02:19:58.123456+00:00",
        "Mon, 23 Nov 2026 02:19:58 +0000 127.0.0.1",
        "[23/Nov/2026:02:19:58 +0100] 172.16.0.100",
        "listening on [::]:8000, 1234567890 bytes",
        "2 + 2 = 4, and 1+123456 is less",
        "",
    ],
)
def test_it_leaves_what_is_no_number(text: str) -> None:
    assert with_masked_numbers(text) == text


def test_a_document_is_masked_in_its_names_and_at_any_depth() -> None:
    number = "+351200000002"
    document = {number: [{"to": number, "many": 3}], "none": None, "yes": True}
    hidden = {"+351 ••• 002": [{"to": "+351 ••• 002", "many": 3}], "none": None, "yes": True}
    assert document_with_masked_numbers(document) == hidden


def test_masking_twice_changes_nothing() -> None:
    once = with_masked_numbers("from +351200000002")
    assert with_masked_numbers(once) == once
