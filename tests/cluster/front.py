"""One address for several servers, as a load balancer has it: what one does not take, another does.

It knows nothing of HTTP: a connection goes to the server that was chosen, and ends with it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from tests.whole_call.rig import LoopThread

CHUNK_BYTES = 65_536


class Front:
    """`prefers` is the port of the server that new connections go to while it takes any."""

    def __init__(self) -> None:
        self.servers: Sequence[int] = ()
        self.prefers = 0
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    @property
    def base_url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in sorted(self.servers, key=lambda port: port != self.prefers):
            with suppress(OSError):
                behind = await asyncio.open_connection("127.0.0.1", port)
                break
        else:
            writer.close()
            return
        lines = {writer, behind[1]}
        self._lines |= lines
        try:
            await asyncio.gather(_pass_on(reader, behind[1]), _pass_on(behind[0], writer))
        finally:
            self._lines -= lines

    async def cut(self, prefers: int) -> None:
        """Every connection ends, and new ones go to that server."""
        self.prefers = prefers
        for line in list(self._lines):
            line.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@contextmanager
def front() -> Iterator[tuple[Front, LoopThread]]:
    thread, running = LoopThread("front"), Front()
    thread.run(running.start())
    try:
        yield running, thread
    finally:
        thread.run(running.stop())
        thread.stop()
