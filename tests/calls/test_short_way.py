"""HTTP straight from ASGI to a view: whatever is posted, there is an answer and no fault."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.short_way import MAX_BODY_BYTES, ShortWay

FORM_TYPE = b"application/x-www-form-urlencoded"


class Exchange:
    """One HTTP request, chunk by chunk as a server hands it on, and what came back."""

    def __init__(self, *chunks: bytes, disconnects: bool = False) -> None:
        self._chunks = list(chunks) or [b""]
        self._disconnects = disconnects
        self.chunks_read = 0
        self.sent: list[dict[str, Any]] = []
        self.passed_on = False

    async def request(
        self, path: str = "/incoming-call", headers: Any = (), query: bytes = b""
    ) -> "Exchange":
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "query_string": query,
            "headers": list(headers),
        }
        await ShortWay("calls.urls", self._otherwise)(scope, self._receive, self._send)
        return self

    async def _receive(self) -> dict[str, Any]:
        if self.chunks_read == len(self._chunks):
            return {"type": "http.disconnect"}
        body = self._chunks[self.chunks_read]
        self.chunks_read += 1
        more = self._disconnects or self.chunks_read < len(self._chunks)
        return {"type": "http.request", "body": body, "more_body": more}

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def _otherwise(self, scope: Any, receive: Any, send: Any) -> None:
        self.passed_on = True

    @property
    def status(self) -> int:
        assert [message["type"] for message in self.sent] == [
            "http.response.start",
            "http.response.body",
        ]
        status: int = self.sent[0]["status"]
        return status


@pytest.mark.parametrize("path", ["/", "/admin/", "/incoming-call/", "/nowhere", "/healthz/x"])
async def test_it_passes_on_what_it_does_not_know(path: str) -> None:
    exchange = await Exchange().request(path)
    assert exchange.passed_on
    assert exchange.sent == [] and exchange.chunks_read == 0


async def test_it_answers_with_the_length_of_its_answer() -> None:
    exchange = await Exchange().request("/healthz")
    assert not exchange.passed_on
    assert exchange.status == 200
    headers = dict(exchange.sent[0]["headers"])
    assert headers[b"content-length"] == b"3"
    assert exchange.sent[1]["body"] == b"ok\n"


@pytest.mark.parametrize("declared", [b"65537", b"999999999999", b"9" * 5_000, b"-1", b"abc", b""])
async def test_it_reads_no_body_that_is_declared_too_large_or_senselessly(declared: bytes) -> None:
    exchange = await Exchange(b"CallSid=CA0").request(headers=[(b"content-length", declared)])
    assert exchange.status == 413
    assert exchange.chunks_read == 0


async def test_it_stops_reading_a_chunked_body_once_it_is_too_large() -> None:
    exchange = await Exchange(*[b"x" * 1_024] * 1_000).request()
    assert exchange.status == 413
    assert exchange.chunks_read == MAX_BODY_BYTES // 1_024 + 1


async def test_it_takes_a_body_of_exactly_the_limit() -> None:
    body = b"a=" + b"x" * (MAX_BODY_BYTES - 2)
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", FORM_TYPE)]
    assert (await Exchange(body).request(headers=headers)).status == 403


async def test_it_believes_the_body_and_not_its_declared_length() -> None:
    exchange = await Exchange(b"x" * 70_000).request(headers=[(b"content-length", b"5")])
    assert exchange.status == 413


async def test_it_answers_nothing_to_a_client_that_went_away() -> None:
    exchange = await Exchange(b"CallSid=", disconnects=True).request()
    assert exchange.sent == []


UNREADABLE = {
    "another encoding": (FORM_TYPE + b"; charset=latin-1", b"a=1", b""),
    "an unknown encoding": (FORM_TYPE + b"; charset*=bogus''x", b"a=1", b""),
    "too many fields": (FORM_TYPE, b"&".join(b"a%d=1" % n for n in range(2_000)), b""),
    "multipart without a boundary": (b"multipart/form-data", b"a=1", b""),
    "multipart with a senseless boundary": (b"multipart/form-data; boundary=\xe9", b"a", b""),
    "a query string that is not UTF-8": (FORM_TYPE, b"a=1", b"\xff\xfe"),
}


@pytest.mark.parametrize(("content_type", "body", "query"), UNREADABLE.values(), ids=UNREADABLE)
async def test_it_calls_what_it_cannot_read_a_bad_request(
    content_type: bytes, body: bytes, query: bytes
) -> None:
    headers = [(b"content-type", content_type)]
    assert (await Exchange(body).request(headers=headers, query=query)).status == 400


PART = b'--x\r\nContent-Disposition: form-data; name="CallSid"\r\n%s\r\n\r\n%s\r\n--x--\r\n'
MULTIPART = {
    "garbage": b"garbage",
    "base64 that is none": PART % (b"Content-Transfer-Encoding: base64", b"!!!"),
    "an unknown encoding": PART % (b"Content-Type: text/plain; charset=bogus", b"CA0"),
    "a file that climbs": PART.replace(b'"CallSid"', b'"a"; filename="../../x"') % (b"", b"x"),
    "a name of nothing": PART.replace(b'"CallSid"', b'"\x00"') % (b"", b"\x00"),
    "cut off": (PART % (b"", b"CA0"))[:-20],
}


@pytest.mark.parametrize("body", MULTIPART.values(), ids=MULTIPART)
async def test_it_refuses_multipart_garbage(body: bytes) -> None:
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    assert (await Exchange(body).request(headers=headers)).status in {400, 403}


CONTENT_TYPES = st.sampled_from(
    [FORM_TYPE, b"multipart/form-data; boundary=x", b"application/json", b"text/plain"]
) | st.binary(max_size=60)


@settings(deadline=None, max_examples=200)
@given(CONTENT_TYPES, st.binary(max_size=300), st.binary(max_size=40), st.binary(max_size=40))
async def test_it_never_fails_on_any_bytes_at_all(
    content_type: bytes, body: bytes, query: bytes, signature: bytes
) -> None:
    headers = [(b"content-type", content_type), (b"x-twilio-signature", signature)]
    assert (await Exchange(body).request(headers=headers, query=query)).status in {400, 403}
