"""catalog/tools/headers.py: header lines with secrets, which go into the request alone."""

from typing import Any
from urllib.parse import quote

import pytest

from catalog.tools.headers import HeadersUnusable, filled_headers, redacted

SECRET = "k-93#/x"


@pytest.fixture(autouse=True)
def environment(settings: Any) -> None:
    settings.TOOL_SECRETS = {"TOOL_SECRET_CRM": SECRET, "TOOL_SECRET_ODD": "two\r\nX-Evil: 1"}


def test_a_secret_is_filled_in_by_its_name() -> None:
    lines = "Authorization: Bearer {TOOL_SECRET_CRM}\r\n\n X-Shop : Birch \n"
    assert filled_headers(lines) == (("Authorization", f"Bearer {SECRET}"), ("X-Shop", "Birch"))


def test_no_lines_are_no_headers() -> None:
    assert filled_headers(" \n") == ()


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("X-A: {TOOL_SECRET_GONE}", "TOOL_SECRET_GONE is not set"),
        ("X-A: {SECRET_KEY}", "only {TOOL_SECRET_"),
        ("X-A: {OPENAI_API_KEY}", "only {TOOL_SECRET_"),
        ("X-A: {tool_secret_crm}", "only {TOOL_SECRET_"),
        ("X-A: {TOOL_SECRET_CRM", "only {TOOL_SECRET_"),
        ("X-A: {{TOOL_SECRET_CRM}}", "only {TOOL_SECRET_"),
        ("X-A: {TOOL_SECRET_ODD}", "TOOL_SECRET_ODD has characters"),
        ("X-A", "Name: value"),
        (": value", "Name: value"),
        ("X A: value", "Name: value"),
        ("X-Ä: value", "Name: value"),
        ("X-A:", "empty"),
        ("X-A: caf\u00e9", "characters"),
        ("X-A: a\x00b", "characters"),
        ("X-A: a\x0bb", "characters"),
        ("Host: elsewhere.example", "Host"),
        ("host: elsewhere.example", "host"),
        ("Connection: close", "Connection"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding"),
        ("Content-Length: 0", "Content-Length"),
        ("Idempotency-Key: 1", "Idempotency-Key"),
        ("X-A: 1\nx-a: 2", "twice"),
        ("Authorization: Bearer written-out", "secret"),
        ("X-Api-Key: written-out", "secret"),
        ("\n".join(f"X-{number}: 1" for number in range(21)), "20"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(written: str, why: str) -> None:
    with pytest.raises(HeadersUnusable) as refused:
        filled_headers(written)
    assert why in str(refused.value)
    assert "written-out" not in str(refused.value)
    assert "X-Evil" not in str(refused.value)


def test_a_line_break_makes_a_header_of_its_own_and_nothing_else_does() -> None:
    assert filled_headers("X-A: 1\rX-B: 2") == (("X-A", "1"), ("X-B", "2"))
    with pytest.raises(HeadersUnusable):
        filled_headers("X-A: 1\u2028X-B: 2")


def test_secrets_are_taken_out_of_what_comes_back_wherever_they_stand() -> None:
    echoed = {"a": [f"Bearer {SECRET}", 5, None], SECRET: {"b": SECRET * 2}}
    assert redacted(f"{quote(SECRET, safe='')} or {SECRET}") == "••• or •••"
    assert redacted(echoed) == {"a": ["Bearer •••", 5, None], "•••": {"b": "••••••"}}
