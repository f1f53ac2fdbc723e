"""What may be posted to the rest of the application, whichever server hands it on."""

import asyncio
from typing import Any

import pytest
from django.core.asgi import get_asgi_application

from calls.body_limits import SMALL, UPLOAD, limit_of
from calls.bounded_body import BoundedBody
from catalog.refusals import LARGEST_BYTES

SESSION = (b"cookie", b"csrftoken=a; sessionid=made-up")
CHUNK = b"x" * 65_536


class Posted:
    """A POST, chunk by chunk, to Django itself; what of it was read, and what came back."""

    def __init__(self, chunks: int) -> None:
        self.left = chunks
        self.read = 0
        self.sent: list[dict[str, Any]] = []

    async def to(self, path: str, *headers: tuple[bytes, bytes]) -> int:
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [(b"host", b"localhost"), *headers],
        }  # fmt: skip
        application: Any = get_asgi_application()
        await BoundedBody(application)(scope, self._receive, self._send)
        return int(self.sent[0]["status"])

    async def _receive(self) -> dict[str, Any]:
        if self.left == 0:  # All is read: the next to come is the end of the connection.
            await asyncio.Event().wait()
        self.left -= 1
        self.read += 1
        return {"type": "http.request", "body": CHUNK, "more_body": self.left > 0}

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


@pytest.mark.parametrize(
    ("path", "headers", "most_chunks"),
    [
        ("/admin/login/", [], 1),
        ("/admin/login/", [(b"cookie", b"csrftoken=a")], 1),
        ("/nowhere/", [SESSION], 1),
        ("/admin/catalog/clip/add/", [SESSION], 160),
    ],
)
async def test_it_reads_no_more_of_a_body_than_it_may_have(
    path: str, headers: list[tuple[bytes, bytes]], most_chunks: int
) -> None:
    endless = Posted(10_000)
    assert await endless.to(path, *headers) == 413
    assert endless.read == most_chunks + 1
    assert len(endless.sent) == 2


@pytest.mark.parametrize("length", [b"65537", b"9" * 5_000, b"-1", b"nonsense", b""])
async def test_it_reads_nothing_of_what_says_that_it_is_too_large(length: bytes) -> None:
    posted = Posted(1)
    assert await posted.to("/admin/login/", (b"content-length", length)) == 413
    assert posted.read == 0


@pytest.mark.django_db
async def test_it_passes_on_what_is_small_enough() -> None:
    posted = Posted(1)
    assert await posted.to("/admin/login/", (b"content-length", b"65536")) == 403, "no CSRF token"


def test_an_upload_has_room_for_the_largest_recording_and_its_form() -> None:
    assert LARGEST_BYTES + 100_000 < UPLOAD.most_bytes <= 10 * 1_048_576


@pytest.mark.parametrize(
    ("path", "cookies", "limit"),
    [
        (b"/admin/catalog/clip/add/", b"sessionid=a", UPLOAD),
        (b"/admin/catalog/clip/add/?next=/", b"a=b; sessionid=a", UPLOAD),
        (b"/admin/catalog/clip/add/", b"", SMALL),
        (b"/admin/catalog/clip/add/", b"session=a", SMALL),
        (b"//admin/catalog/clip/add/", b"sessionid=a", SMALL),
        (b"/%61dmin/catalog/clip/add/", b"sessionid=a", SMALL),
        (b"/incoming-call", b"sessionid=a", SMALL),
        (b"/incoming-call?/admin/", b"sessionid=a", SMALL),
        (b"", b"", SMALL),
    ],
)
def test_only_staff_upload(path: bytes, cookies: bytes, limit: object) -> None:
    assert limit_of(path, cookies, b"sessionid") is limit
