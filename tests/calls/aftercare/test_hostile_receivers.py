"""Wherever a webhook points and whatever answers there: one attempt ends, and says why."""

import time
from typing import Any

import pytest

from calls.aftercare import outgoing
from calls.aftercare.outgoing import Answer, post
from tests.calls.aftercare.receiver import DRIPPING, HANGS, HUGE, receiving

SOON = 0.5


def posted(url: str) -> Answer:
    return post(url, "a secret", "an-id", b"{}")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://127.1/",
        "http://example.org/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "https://",
        "//example.org",
        "https://exa mple.org/",
        "https://example.org:99999/",
        "https://example.org\r\nHost: 127.0.0.1/",
        "",
    ],
)
def test_it_sends_nothing_to_where_it_must_not(url: str) -> None:
    answer = posted(url)
    assert not answer.accepted and answer.status is None
    assert answer.problem


@pytest.mark.parametrize("port", [0, 99_999])
def test_a_port_that_cannot_be_is_an_answer_also_at_a_host_of_ours(
    port: int, settings: Any
) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    assert "65535" in posted(f"http://127.0.0.1:{port}/").problem


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_no_delivery_and_is_not_followed(status: int, settings: Any) -> None:
    with receiving(status) as receiver:
        settings.TOOL_PRIVATE_HOSTS = frozenset({receiver.host})
        assert posted(receiver.url) == Answer(status, f"HTTP {status}")
    assert len(receiver.got) == 1


def test_what_else_they_say_is_not_read(settings: Any) -> None:
    with receiving(HUGE) as receiver:
        settings.TOOL_PRIVATE_HOSTS = frozenset({receiver.host})
        assert posted(receiver.url).accepted


@pytest.mark.parametrize("how", [HANGS, DRIPPING], ids=["silent", "dripping"])
def test_it_waits_for_nobody_longer_than_its_deadline(
    how: int, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "DEADLINE_SECONDS", SOON)
    began = time.monotonic()
    with receiving(how) as receiver:
        settings.TOOL_PRIVATE_HOSTS = frozenset({receiver.host})
        assert posted(receiver.url) == Answer(None, "timeout")
        assert SOON <= time.monotonic() - began < SOON + 1.0
