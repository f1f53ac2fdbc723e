"""The HTTP below a session: what fails costs one request, and is remembered in words.

The SDK ends a whole session when one request fails to go out. Whether a server is gone is for
mcp_connection.py to find out, so here a failed request is answered like one that was refused.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx2
from django.utils.translation import gettext as _

from catalog.tools.outbound import OutboundRefused

MOST_BYTES = 1_048_576  # of one answer: a list of 64 tools fits
ANSWER_SECONDS = 9.0  # a little longer than a tool may take
GOODBYE_SECONDS = 1.0
WAITS_FOR_CHANGES = "subscriptions/listen"  # its answer is to stay open


class Wire(httpx2.AsyncBaseTransport):
    """Sends requests through a client of outbound.py.

    `look` is called when it is time to look what the server has: a stream of changes was opened or
    has ended, a request failed. `problem` is what is wrong with the newest answer, a sentence;
    empty when nothing is.
    """

    def __init__(self, through: httpx2.AsyncClient, look: Callable[[], None]) -> None:
        self.problem = ""
        self._through = through
        self._look = look

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        until = asyncio.get_running_loop().time() + _patience_seconds(request)
        problem = ""
        try:
            async with asyncio.timeout_at(until):
                answer = await self._through.send(request, stream=True, follow_redirects=False)
        except OutboundRefused as error:
            problem = str(error)
        except (TimeoutError, httpx2.TimeoutException):
            problem = _("It did not answer in time.")
        except httpx2.HTTPError as error:
            problem = _("It cannot be reached (%(why)s).") % {"why": _why(error)}
        if problem:
            self.problem = problem
            self._look()
            return httpx2.Response(502, request=request)
        if request.method == "POST":
            self.problem = _problem_of(answer.status_code)
        return httpx2.Response(
            answer.status_code, headers=answer.headers, stream=self._body(request, answer, until)
        )

    def _body(
        self, request: httpx2.Request, answer: httpx2.Response, until: float
    ) -> httpx2.AsyncByteStream:
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        if _stays_open(request) and answer.is_success:
            self._look()  # What changed before it was open, nobody tells.
            return _Events(answer.stream, self._look)
        return _Answer(answer.stream, until)


class _Answer(httpx2.AsyncByteStream):
    """Raises httpx2.StreamError, which the SDK takes for an answer that cannot be read."""

    def __init__(self, stream: httpx2.AsyncByteStream, until: float) -> None:
        self._stream = stream
        self._until = until

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces, size = aiter(self._stream), 0
        while True:
            try:
                async with asyncio.timeout_at(self._until):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except (TimeoutError, httpx2.HTTPError) as error:
                raise httpx2.StreamError("The answer broke off.") from error
            size += len(piece)
            if size > MOST_BYTES:
                raise httpx2.StreamError("The answer is too large.")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Events(httpx2.AsyncByteStream):
    """However it ends, it ends well: the SDK then opens it anew."""

    def __init__(self, stream: httpx2.AsyncByteStream, look: Callable[[], None]) -> None:
        self._stream = stream
        self._look = look

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = aiter(self._stream)
        while True:
            try:
                piece = await anext(pieces)
            except (StopAsyncIteration, httpx2.HTTPError):
                self._look()
                return
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


def _stays_open(request: httpx2.Request) -> bool:
    return request.method == "GET" or request.headers.get("mcp-method") == WAITS_FOR_CHANGES


def _patience_seconds(request: httpx2.Request) -> float:
    return GOODBYE_SECONDS if request.method == "DELETE" else ANSWER_SECONDS


def _problem_of(status: int) -> str:
    if status < 400:
        return ""
    if status in (401, 403):
        return _("It refuses our headers (status %(status)d): is the secret right?") % {
            "status": status
        }
    if status == 404:
        return _("There is nothing at this address (status 404).")
    return _("It answered with status %(status)d.") % {"status": status}


def _why(error: httpx2.HTTPError) -> str:
    return (str(error) or type(error).__name__)[:120]
