"""nginx and systemd, as deploy/ has them, agree with the product."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from calls import shutdown
from calls.body_limits import SMALL, UPLOAD
from calls.line_watch import KEEP_ALIVE_SECONDS
from calls.urls import urlpatterns

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NGINX = (DEPLOY / "nginx" / "voiceagent.conf").read_text()
UNIT = (DEPLOY / "systemd" / "voiceagent@.service").read_text()
NOT_OF_TWILIO = {"healthz", "readyz", "metrics"}
WEBHOOKS = sorted(
    str(it.pattern)
    for it in urlpatterns
    if not re.search("<|healthz|readyz|metrics", str(it.pattern))
)


def location(path: str) -> str:
    """What nginx does with a path: the block that it chooses."""
    blocks = re.findall(r"(?m)^    location (=|~|) ?(\S+) \{\n(.*?)^    \}", NGINX, re.DOTALL)
    for kind, name, body in blocks:
        if (kind == "=" and name == path) or (kind == "~" and re.search(name, path)):
            return str(body)
    prefixes = [(name, body) for kind, name, body in blocks if not kind and path.startswith(name)]
    return str(max(prefixes, key=lambda found: len(found[0]))[1])


@pytest.mark.parametrize("path", WEBHOOKS)
def test_a_webhook_that_one_server_refuses_goes_to_the_other(path: str) -> None:
    block = location(f"/{path}")
    [tried] = re.findall(r"proxy_next_upstream (.*);", block)
    assert {"error", "timeout", "http_503", "non_idempotent"} <= set(tried.split())
    assert SMALL.most_bytes == 64 * 1024 and "client_max_body_size 64k;" in block


def test_a_stream_that_one_server_refuses_goes_to_the_other() -> None:
    block = location(settings.TWILIO_WS_PATH)
    assert "http_503" in block and "proxy_buffering off;" in block
    for kind in ("read", "send"):
        [seconds] = re.findall(rf"proxy_{kind}_timeout (\d+)s;", block)
        assert int(seconds) > 4 * KEEP_ALIVE_SECONDS


def test_recordings_may_be_uploaded() -> None:
    assert "client_max_body_size 10m;" in location("/admin/catalog/clip/add/")
    assert UPLOAD.most_bytes == 10 * 1024 * 1024


def test_a_server_is_never_left_out() -> None:
    servers = re.findall(r"server 127\.0\.0\.1:\d+ (.*);", NGINX)
    assert servers == ["max_fails=0", "max_fails=0"]


@pytest.mark.parametrize("path", sorted(NOT_OF_TWILIO))
def test_what_a_server_says_of_itself_is_not_for_everybody(path: str) -> None:
    assert location(f"/{path}").split() == ["return", "404;"]


def test_systemd_kills_nobody_who_still_talks() -> None:
    [seconds] = re.findall(r"TimeoutStopSec=(\d+)", UNIT)
    last = shutdown.GOODBYE_SECONDS + shutdown.HANG_UP_SECONDS + shutdown.CALLBACK_SECONDS
    last += shutdown.REQUEST_SECONDS + shutdown.WRITE_SECONDS
    assert int(seconds) > settings.DRAIN_TIMEOUT + last
    assert "KillMode=mixed" in UNIT, "what decodes an upload is not told to stop"
