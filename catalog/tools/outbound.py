"""Where a request of a tool may go, and how much of the answer is read.

https only, to an address of the public internet, looked up once and connected to as it was found:
a name that points elsewhere a moment later changes nothing. No redirects, no proxies of the
environment. Hosts of TOOL_PRIVATE_HOSTS may be anywhere, and speak http.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial

import httpcore2
import httpx2
from django.conf import settings
from django.utils.translation import gettext as _

from catalog.tools.capped_answer import CappedAnswer, OutboundRefused
from catalog.tools.public_addresses import is_public

__all__ = ["DEADLINE_SECONDS", "MOST_BYTES", "OutboundRefused", "client", "refusal", "tls_context"]

DEADLINE_SECONDS = 5.0
MOST_BYTES = 65_536
LAST_PORT = 65_535
MOST_ADDRESSES = 4  # tried one after the other, if a host has several

# Of their own: a name server that does not answer must not use up the threads of everything else.
_lookups = ThreadPoolExecutor(max_workers=4, thread_name_prefix="tool-dns")


def client(
    timeout_seconds: float = DEADLINE_SECONDS,
    *,
    read_seconds: float | None = None,
    most_bytes: int | None = MOST_BYTES,
    headers: Sequence[tuple[str, str]] = (),
) -> httpx2.AsyncClient:
    """To be closed by whoever asked for it. Its requests raise httpx2.HTTPError, and of these
    OutboundRefused where this page forbids something.

    `timeout_seconds` is for each step: whoever needs a deadline for the whole sets one around it.
    `read_seconds` is the longest silence while an answer is read, `most_bytes` its size unpacked.
    """
    return httpx2.AsyncClient(
        transport=_Transport(most_bytes),
        timeout=httpx2.Timeout(timeout_seconds, read=read_seconds or timeout_seconds),
        headers=[("User-Agent", "voiceagent"), ("Accept-Encoding", "identity"), *headers],
        follow_redirects=False,
        trust_env=False,
    )


def refusal(url: httpx2.URL) -> str | None:
    """Why no request may go there, as far as that can be told without looking up the host."""
    private = _may_be_private(url.raw_host.decode("ascii"), _port(url))
    if url.scheme != "https" and not (url.scheme == "http" and private):
        return _("The address has to begin with https://.")
    if not url.host:
        return _("The address has no host.")
    if url.port is not None and not 1 <= url.port <= LAST_PORT:
        return _("There is no such port: they go from 1 to 65535.")
    return None


@cache
def tls_context(ca_file: str) -> ssl.SSLContext:
    """Made once: it takes tens of milliseconds. Raises OSError for a file that is not there."""
    context = httpx2.create_ssl_context(trust_env=False)
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


class _Transport(httpx2.AsyncBaseTransport):
    def __init__(self, most_bytes: int | None) -> None:
        self._most_bytes = most_bytes
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls_context(settings.TOOL_CA_FILE),
            network_backend=PinnedNetwork(),
            keepalive_expiry=5.0,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        refused = refusal(request.url)
        if refused is not None:
            raise OutboundRefused(refused, request=request)
        url = request.url
        with _as_httpx2_errors():
            answer = await self._pool.handle_async_request(
                httpcore2.Request(
                    method=request.method,
                    url=httpcore2.URL(
                        scheme=url.raw_scheme,
                        host=url.raw_host,
                        port=url.port,
                        target=url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    # No other: "sni_hostname" would have the certificate checked for another name.
                    extensions={"timeout": request.extensions.get("timeout", {})},
                )
            )
        return await self._capped(answer)

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def _capped(self, answer: httpcore2.Response) -> httpx2.Response:
        headers = httpx2.Headers(answer.headers)
        stream = _Body(answer)
        encoding = headers.pop("content-encoding", "").strip().lower()
        if encoding:
            headers.pop("content-length", None)  # of what was packed
        try:
            body = CappedAnswer(stream, encoding, self._most_bytes, _as_httpx2_errors)
        except OutboundRefused:
            await stream.aclose()
            raise
        return httpx2.Response(answer.status, headers=headers, stream=body)


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        assert isinstance(answer.stream, AsyncIterable)
        self._answer = answer
        self._stream = answer.stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


class PinnedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to the very address that was looked up and judged.

    TLS is spoken over that connection, for the name: nobody looks the name up again.
    """

    def __init__(self) -> None:
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await _looked_up(host, port)
                if not _may_be_private(host, port):
                    addresses = [address for address in addresses if is_public(address)]
                if not addresses:
                    raise OutboundRefused(
                        _("%(host)s is not on the public internet.") % {"host": host}
                    )
                return await self._first_that_answers(addresses[:MOST_ADDRESSES], port)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout from error

    async def _first_that_answers(
        self, addresses: list[str], port: int
    ) -> httpcore2.AsyncNetworkStream:
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port)
            except httpcore2.ConnectError:
                continue
        return await self._network.connect_tcp(addresses[-1], port)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


async def _looked_up(host: str, port: int) -> list[str]:
    """In the order of preference, each once. Raises httpcore2.ConnectError."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = await asyncio.get_running_loop().run_in_executor(_lookups, look_up)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError("The name of the host is not known.") from error
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


def _may_be_private(host: str, port: int | None) -> bool:
    name = host.lower().rstrip(".")
    name = f"[{name}]" if ":" in name else name
    return not {name, f"{name}:{port}"}.isdisjoint(settings.TOOL_PRIVATE_HOSTS)


def _port(url: httpx2.URL) -> int | None:
    return url.port or {"https": 443, "http": 80}.get(url.scheme)


@contextmanager
def _as_httpx2_errors() -> Iterator[None]:
    """httpx2 does the same for its own transport; the two name their exceptions alike."""
    try:
        yield
    except (
        httpcore2.TimeoutException,
        httpcore2.NetworkError,
        httpcore2.ProtocolError,
        httpcore2.UnsupportedProtocol,
    ) as error:
        kind: type[httpx2.TransportError] = getattr(
            httpx2, type(error).__name__, httpx2.TransportError
        )
        raise kind(str(error)) from error
