"""What every answer tells a browser that it may do; docs/security.md names each exception."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from calls.routing import not_found
from tests.calls.test_short_way import Exchange
from tests.catalog.factories import make_clip
from tests.staff.people import browser_of, hire

ROOT = Path(__file__).resolve().parents[2]
Policy = dict[str, str]


def documented(only: str = "every page") -> Policy:
    """The rows of the table in docs/security.md: directive to sources."""
    section = (ROOT / "docs" / "security.md").read_text().split("### What a page may do")[1]
    rows = re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \| ([^|]+) \| .+\. \|$", section, re.MULTILINE)
    return {name: sources for name, sources, where in rows if where == only}


def told(headers: Any) -> Policy:
    parts = [part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; ")]
    return dict(parts)


@pytest.fixture
def boss(db: None) -> Client:
    return browser_of(hire("X"))


def answers(boss: Client) -> dict[str, HttpResponse]:
    """Of each kind that Django's middleware sees."""
    anybody = Client(raise_request_exception=False)
    return {
        "log-in": anybody.get(reverse("admin:login")),
        "a page": boss.get(reverse("admin:index")),
        "a redirect": anybody.get("/"),
        "nothing there": anybody.get("/nothing-there"),
        "a static file": anybody.get("/static/voiceagent/theme.css"),
        "not allowed": browser_of(hire("C")).get(reverse("admin:auth_user_changelist")),
        "a broken request": anybody.get("/admin/", headers={"Host": "other.example.org"}),
        "JSON": boss.get(reverse("admin:catalog_catalogrevision_serving")),
        "a file": boss.get(reverse("admin:calls_call_export_csv")),
    }


def test_every_page_has_the_policy_that_the_document_names(boss: Client) -> None:
    assert {"default-src": "'self'"}.items() <= documented().items()
    for name, answer in answers(boss).items():
        assert told(answer.headers) == documented(), name


def test_only_a_page_with_the_recorder_uses_the_microphone_and_plays_what_it_took(
    boss: Client,
) -> None:
    clip = make_clip("Greeting")
    recorder = [
        reverse("admin:catalog_clip_add"),
        reverse("admin:catalog_clip_change", args=(clip.pk,)),
    ]
    for address in recorder:
        headers = boss.get(address).headers
        assert told(headers) == documented() | documented("pages with the recorder")
        assert "microphone=(self)" in headers["Permissions-Policy"]
    for name, answer in answers(boss).items():
        assert "microphone=()" in answer.headers["Permissions-Policy"], name


def test_no_answer_is_framed_guessed_or_told_elsewhere(boss: Client) -> None:
    for name, answer in answers(boss).items():
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] == "same-origin", name
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.voiceagent.broken_urls")
def test_an_error_page_has_them_too() -> None:
    answer = Client(raise_request_exception=False).get("/broken")
    assert answer.status_code == 500
    assert told(answer.headers) == documented()


def start_of(exchange: Exchange) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in exchange.sent[0]["headers"]}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/incoming-call"])
def test_what_goes_past_django_is_no_page_at_all(path: str) -> None:
    headers = start_of(asyncio.run(Exchange().request(path)))
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_nor_is_what_a_voice_server_answers_to_everything_else() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(not_found({}, None, send))
    assert (b"x-content-type-options", b"nosniff") in sent[0]["headers"]
