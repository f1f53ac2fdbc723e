"""The body of an answer, unpacked piece by piece, and no more of it than was allowed."""

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager

import httpx2
from django.utils.translation import gettext as _

PIECE_BYTES = 16_384
UNPACKED_HERE = ("gzip", "x-gzip", "deflate")


class OutboundRefused(httpx2.TransportError):
    """This request is not made, or its answer not read; the message is a sentence for staff."""


class CappedAnswer(httpx2.AsyncByteStream):
    """`most_bytes` counts what comes out: a few packed bytes can be gigabytes. None: no end.

    `translated` turns the errors of the connection into httpx2's. Reading raises OutboundRefused
    for what is too large or packed in another way, httpx2.DecodingError for what is damaged.
    """

    def __init__(
        self,
        stream: httpx2.AsyncByteStream,
        encoding: str,
        most_bytes: int | None,
        translated: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._stream = stream
        self._unpacker = _unpacker(encoding)
        self._most_bytes = most_bytes
        self._translated = translated

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read_bytes = 0
        with self._translated():
            async for packed in self._stream:
                for piece in self._unpacked(packed):
                    read_bytes += len(piece)
                    if self._most_bytes is not None and read_bytes > self._most_bytes:
                        raise OutboundRefused(
                            _("The answer is larger than %(kib)d KiB.")
                            % {"kib": self._most_bytes // 1024}
                        )
                    yield piece
        if self._unpacker is not None and not self._unpacker.eof and read_bytes:
            raise httpx2.DecodingError("The packed answer ends too early.")

    async def aclose(self) -> None:
        with self._translated():
            await self._stream.aclose()

    def _unpacked(self, packed: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            yield packed
            return
        try:
            piece = self._unpacker.decompress(packed, PIECE_BYTES)
            while piece:
                yield piece
                piece = self._unpacker.decompress(self._unpacker.unconsumed_tail, PIECE_BYTES)
        except zlib.error as error:
            raise httpx2.DecodingError("The packed answer is damaged.") from error


def _unpacker(encoding: str) -> "zlib._Decompress | None":
    if encoding in ("", "identity"):
        return None
    if encoding in UNPACKED_HERE:
        return zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, told by the first bytes
    raise OutboundRefused(_("The answer is packed in a way that was not asked for."))
