"""One call of the simulated caller at a server that watches what comes."""

import asyncio
import json
import time

from rehearsal.caller import (
    CallReport,
    CallScript,
    SimulatedCaller,
)
from tests.rehearsal.fake_server import FakeServer, Socket, running


class Watch:
    """Everything that came over each socket, with the moment."""

    def __init__(self) -> None:
        self.frames: list[list[tuple[float, object]]] = []

    async def behave(self, socket: Socket) -> None:
        frames: list[tuple[float, object]] = []
        self.frames.append(frames)
        async for message in socket.ws:
            frames.append((time.monotonic(), message.data))

    @property
    def texts(self) -> list[str]:
        return [data for _at, data in self.frames[0] if isinstance(data, str)]

    @property
    def messages(self) -> list[dict]:
        return [json.loads(text) for text in self.texts]

    def numbers(self) -> list[int]:
        return [int(it["sequenceNumber"]) for it in self.messages if it["event"] == "media"]


async def call(server: FakeServer, *steps, **script) -> CallReport:
    async with running(server), asyncio.timeout(20):
        return await SimulatedCaller(server.target()).call(CallScript("test", steps, **script))
