"""A stream in the test's own hands: no play-out model, no marks, whatever the test sends."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from aiohttp import ClientSession

from rehearsal.caller import CONNECTED, CallIdentity, MediaStream, MessageWriter, line, open_stream
from rehearsal.caller.incoming_call import place_call
from rehearsal.caller.stream_messages import SILENCE_PAYLOAD, frames
from rehearsal.caller.twiml import StreamVerb
from tests.whole_call.rig import Rig

FRAME_SECONDS = 0.02


@dataclass
class RawCall:
    """One call that was answered; its socket is open."""

    identity: CallIdentity
    verb: StreamVerb
    socket: MediaStream
    writer: MessageWriter
    received: list[dict[str, Any]] = field(default_factory=list)

    @property
    def call_sid(self) -> str:
        return self.identity.call_sid

    @classmethod
    @asynccontextmanager
    async def opened(cls, rig: Rig) -> AsyncIterator["RawCall"]:
        """The webhook is answered and the socket open; nothing is sent yet."""
        identity, verb = await ring(rig)
        writer = MessageWriter(identity, f"MZ{token_hex(16)}")
        async with await open_stream(rig.target, verb.url) as socket:
            yield cls(identity, verb, socket, writer)

    @classmethod
    @asynccontextmanager
    async def begun(cls, rig: Rig) -> AsyncIterator["RawCall"]:
        async with cls.opened(rig) as call:
            await call.start()
            yield call

    async def start(self, parameters: Mapping[str, str] | None = None) -> None:
        await self.socket.send_text(CONNECTED)
        given = dict(self.verb.parameters) if parameters is None else parameters
        await self.socket.send_text(self.writer.start(given))

    async def speak(self, name: str, *, after_ms: float) -> None:
        """Silence for a while, then a line, then silence enough to end the turn."""
        quiet = [SILENCE_PAYLOAD] * int(after_ms / 20)
        await self._send_paced([*quiet, *frames(line(name).audio), *[SILENCE_PAYLOAD] * 60])

    async def silence(self, seconds: float) -> None:
        await self._send_paced([SILENCE_PAYLOAD] * int(seconds / FRAME_SECONDS))

    async def _send_paced(self, payloads: list[str]) -> None:
        due = time.monotonic()
        for payload in payloads:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self.socket.send_text(self.writer.media(payload))
            due += FRAME_SECONDS

    async def listen(self, seconds: float) -> bool:
        """Read what the server sends for so long. False once it has closed the socket."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                text = await self.socket.receive(left)
            except TimeoutError:
                break
            if text is None:
                return False
            self.received.append(json.loads(text))
        return True

    def sent_by_server(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.received if message["event"] == event]


async def ring(rig: Rig, **numbers: str) -> tuple[CallIdentity, StreamVerb]:
    """Only the webhook."""
    identity = CallIdentity(
        numbers.get("from_number", "+12025550100"),
        numbers.get("to_number", "+12025550199"),
        rig.target.account_sid,
    )
    async with ClientSession() as http:
        answered = await place_call(http, rig.target, identity)
    return identity, answered.stream()


def hang_ups(rig: Rig) -> int:
    """How often Twilio was told over REST to end a call, or to go on with other TwiML."""
    return len(rig.told_twilio())
