"""HTTP by hand, for what no client library would send, and the memory it takes of a server."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.running_server import RunningServer

MEBIBYTE = 1_048_576


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> bool:
        """False once the server has closed."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError:
            return False
        return True

    async def first_answer(self, within_seconds: float = 30.0) -> bytes:
        """The first that the server says; nothing when it closes without a word."""
        async with asyncio.timeout(within_seconds):
            try:
                return await self.reader.read(65_536)
            except OSError:
                return b""

    async def answer(self, within_seconds: float = 20.0) -> bytes:
        """Everything the server says until it closes; TimeoutError when it does not."""
        said = b""
        async with asyncio.timeout(within_seconds):
            try:
                while chunk := await self.reader.read(65_536):
                    said += chunk
            except OSError:
                pass
        return said


@asynccontextmanager
async def connected(server: RunningServer) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


def head(method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
    return "\r\n".join(lines).encode()


def memory_mib(server: RunningServer) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1_024
