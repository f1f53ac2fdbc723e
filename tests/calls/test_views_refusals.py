"""What the webhooks refuse: plainly, and without a trace of what was going on inside."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.urls import URLPattern

from calls.urls import urlpatterns
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_twilio import INCOMING, FakeTwilio

WEBHOOKS = (
    "/incoming-call",
    "/call-status",
    "/stream-status",
    "/stream-ended",
    "/transfer-whisper?key=the-key",
    "/transfer-ended?language=en",
    "/call-back?language=en",
    "/whatsapp-reply",
)
UNSIGNED = {"healthz", "readyz", "metrics", "busy-clip/<slug:digest>.wav"}


@pytest.fixture(autouse=True)
def no_trace(posted: PostedHappenings) -> Iterator[None]:
    yield
    assert posted.happenings == [], "what is refused leaves no trace in the record"


def assert_plain(response: Any, status: int) -> None:
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/plain")
    assert len(response.text.splitlines()) == (0 if response.request.method == "HEAD" else 1)


def test_every_address_that_twilio_posts_to_is_tried_here() -> None:
    served = {str(it.pattern) for it in urlpatterns if isinstance(it, URLPattern)}
    assert {path.strip("/").partition("?")[0] for path in WEBHOOKS} == served - UNSIGNED


@pytest.mark.parametrize("path", WEBHOOKS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_it_takes_nothing_but_posts(twilio: FakeTwilio, path: str, method: str) -> None:
    response = await twilio.request(method, path)
    assert_plain(response, 405)
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("path", WEBHOOKS)
async def test_it_refuses_posts_without_a_signature(twilio: FakeTwilio, path: str) -> None:
    assert_plain(await twilio.post(path, INCOMING, signed=False), 403)


@pytest.mark.parametrize("path", WEBHOOKS)
@pytest.mark.parametrize("signature", ["", "nonsense", "é" * 28])
async def test_it_refuses_posts_with_a_wrong_signature(
    twilio: FakeTwilio, path: str, signature: str
) -> None:
    headers: Any = {"X-Twilio-Signature": signature.encode("latin-1")}
    assert_plain(await twilio.request("POST", path, b"CallSid=CA0", headers), 403)


async def test_it_refuses_a_signature_of_another_form_or_another_webhook(
    twilio: FakeTwilio,
) -> None:
    signature = {"X-Twilio-Signature": twilio.signature("/incoming-call", INCOMING)}
    body = b"CallSid=CA0&AccountSid=AC0"
    assert_plain(await twilio.request("POST", "/incoming-call", body, signature), 403)
    assert_plain(await twilio.request("POST", "/call-status", b"", signature), 403)


async def test_it_goes_by_the_public_url_and_not_by_the_host_header(twilio: FakeTwilio) -> None:
    headers = {
        "X-Twilio-Signature": twilio.signature("/stream-ended", {}),
        "Host": "attacker.example.org",
        "X-Forwarded-Host": "attacker.example.org",
    }
    # Signed, and then refused for what is missing in it.
    assert_plain(await twilio.request("POST", "/stream-ended", b"", headers), 400)


@pytest.mark.parametrize("path", WEBHOOKS)
@pytest.mark.parametrize(
    "changed",
    [
        {"CallSid": ""},
        {"CallSid": "CA123"},
        {"CallSid": "CA" + "g" * 32},
        {"CallSid": "CA" + "a" * 32 + "\n"},
        {"CallSid": "CA" + "a" * 3_000},
        {"CallSid": "AC" + "a" * 32},
        {"AccountSid": ""},
        {"AccountSid": "nonsense"},
    ],
    ids=lambda changed: repr(changed)[:40],
)
async def test_it_asks_for_the_fields_it_needs(
    twilio: FakeTwilio, path: str, changed: dict[str, str]
) -> None:
    assert_plain(await twilio.post(path, {**INCOMING, **changed}), 400)


@pytest.mark.parametrize("missing", ["CallSid", "AccountSid", "To"])
async def test_it_names_the_field_that_is_missing(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    fields = {name: value for name, value in INCOMING.items() if name != missing}
    response = await twilio.post("/incoming-call", fields)
    assert_plain(response, 400)
    assert missing in response.text


async def test_it_cannot_be_fed_a_body_larger_than_any_of_twilios(twilio: FakeTwilio) -> None:
    large = {**INCOMING, "CallerName": "x" * 70_000}
    assert (await twilio.post("/incoming-call", large)).status_code == 413


async def test_it_cannot_be_fed_a_large_body_in_chunks(twilio: FakeTwilio) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 1
            yield b"x" * 1_024

    response = await twilio.request("POST", "/incoming-call", chunks())
    assert response.status_code == 413
    assert sent <= 66


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded; charset=utf-16", b"CallSid=CA0"),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(5_000))),
        ("multipart/form-data", b"garbage"),
        ("multipart/form-data; boundary=\u00e9", b"garbage"),
    ],
)
async def test_it_calls_what_cannot_be_read_a_bad_request(
    twilio: FakeTwilio, content_type: str, body: bytes
) -> None:
    headers: Any = {"Content-Type": content_type.encode("latin-1")}
    assert_plain(await twilio.request("POST", "/incoming-call", body, headers), 400)


async def test_it_takes_a_signed_form_in_multipart_for_what_it_is(twilio: FakeTwilio) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="CallSid"\r\n\r\nCA0\r\n--x--\r\n'
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "X-Twilio-Signature": twilio.signature("/call-status", {"CallSid": "CA0"}),
    }
    assert_plain(await twilio.request("POST", "/call-status", part, headers), 400)
