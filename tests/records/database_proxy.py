"""Between the servers and PostgreSQL, so that it can be away without being stopped."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.whole_call.rig import LoopThread

CHUNK_BYTES = 65_536


class DatabaseProxy:
    """Passes bytes on. While it is away, connections are cut off and new ones closed."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()
        self._away = False

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self.be_away(True)

    async def be_away(self, away: bool) -> None:
        self._away = away
        if away:
            for line in list(self._lines):
                line.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._away:
            writer.close()
            return
        up_reader, up_writer = await asyncio.open_connection(*self._upstream)
        lines = {writer, up_writer}
        self._lines |= lines
        try:
            await asyncio.gather(_pass_on(reader, up_writer), _pass_on(up_reader, writer))
        finally:
            self._lines -= lines


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@contextmanager
def database_proxy(host: str, port: int) -> Iterator[tuple[DatabaseProxy, LoopThread]]:
    thread, proxy = LoopThread("database proxy"), DatabaseProxy(host, port)
    thread.run(proxy.start())
    try:
        yield proxy, thread
    finally:
        thread.run(proxy.stop())
        thread.stop()
