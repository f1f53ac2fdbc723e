"""A call whose stream brings nonsense among its frames, as much as the product bears, and goes on.

The limits are those of calls/stream_limits.py and calls/consumers.py: twenty bad messages in all,
four a second; twenty messages and 64 KiB before `start`. Beyond them a stream is closed, which
tests/whole_call/test_hostile_streams.py shows.
"""

import asyncio
import json
import random
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from calls.media_streams import Ignored, Malformed, Media, StreamStarted, StreamStopped, parse
from rehearsal.caller import CONNECTED, Target
from rehearsal.caller.stream_messages import SILENCE_PAYLOAD
from tests.fuzz.mutations import mutated
from tests.whole_call.raw_stream import FRAME_SECONDS, RawCall

BEFORE_START, BYTES_BEFORE_START = 16, 48_000
# Not four a second: a server that stalls for a second counts what waited as one second's.
BAD_MESSAGES, BAD_EVERY_SECONDS = 16, 0.6
HARMLESS_EVERY_SECONDS = 0.1
MOST_BYTES = 60_000  # of one message: the server closes a socket on a frame over 64 KiB
MOST_AUDIO_BYTES = 320  # more, again and again, runs ahead of the clock: it counts as bad
QUIET_SECONDS = 1.6  # a huge timestamp makes the next second of audio late
ANSWERED_WITHIN_SECONDS = 12.0


@dataclass
class Sent:
    """What all calls have sent between their frames."""

    messages: int = 0
    malformed: int = 0  # of those behind `start`
    by_mutation: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class AtTarget:
    """What a RawCall needs of a rig."""

    target: Target


@dataclass
class FuzzedCall:
    """One call. `answered` says whether the agent spoke after the caller's question."""

    raw: RawCall
    rng: random.Random
    sent: Sent
    answered: bool = False
    lost: bool = False
    _how: str = ""

    async def talk(self) -> None:
        await self.raw.socket.send_text(CONNECTED)
        await self._before_start()
        await self.raw.socket.send_text(self.raw.writer.start(dict(self.raw.verb.parameters)))
        listening = asyncio.create_task(self._listen(), name="listen")
        await self._among_frames()
        await self.raw.silence(QUIET_SECONDS)
        await self.raw.speak("ask-hours", after_ms=0)
        await self._until_answered()
        self.lost = self.raw.socket.close_code is not None
        await self.raw.socket.send_text(self.raw.writer.stop())
        with suppress(TimeoutError):
            await asyncio.wait_for(listening, 3.0)

    async def _before_start(self) -> None:
        left = BYTES_BEFORE_START
        for _ in range(BEFORE_START):
            message = self._mutated()
            if size(message) < left and not may_be(StreamStarted, message):
                left -= size(message)
                await self._send(message)

    async def _among_frames(self) -> None:
        """Nonsense as often as it is borne, until there was enough of it."""
        bad, bad_at, harmless_at = 0, 0.0, 0.0
        due = time.monotonic()
        while bad < BAD_MESSAGES:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self.raw.socket.send_text(self.raw.writer.media(SILENCE_PAYLOAD))
            message, now = self._mutated(), time.monotonic()
            if self._is_harmless(message):
                if now - harmless_at >= HARMLESS_EVERY_SECONDS:
                    harmless_at = now
                    await self._send(message)
            elif now - bad_at >= BAD_EVERY_SECONDS:
                bad_at, bad = now, bad + 1
                self.sent.malformed += isinstance(read(message), Malformed)
                await self._send(message)
            due += FRAME_SECONDS

    def _mutated(self) -> str | bytes:
        """One that the server may be sent: no frame that it refuses as a frame, and no `stop`."""
        while True:
            it = mutated(self.rng.choice(self._real_messages()), self.rng)
            message = it.message if isinstance(it.message, bytes) else on_the_wire(it.message)
            if size(message) <= MOST_BYTES and not may_be(StreamStopped, message):
                self._how = it.how
                return message

    def _real_messages(self) -> list[dict[str, Any]]:
        writer = replace(self.raw.writer)  # whose numbers do not move on
        real = (
            CONNECTED,
            writer.start(dict(self.raw.verb.parameters)),
            writer.media(SILENCE_PAYLOAD),
            writer.mark("g1"),
            writer.dtmf("5"),
            writer.stop(),
        )
        return [json.loads(text) for text in real]

    def _is_harmless(self, message: str | bytes) -> bool:
        """Whether it does not count towards the limit of bad messages."""
        return all(self._counts_for_nothing(meaning) for meaning in readings(message))

    def _counts_for_nothing(self, meaning: object) -> bool:
        if isinstance(meaning, Media) and len(meaning.audio) > MOST_AUDIO_BYTES:
            return False
        mine = getattr(meaning, "stream_sid", "") == self.raw.writer.stream_sid
        return isinstance(meaning, Ignored) or (mine and not isinstance(meaning, StreamStarted))

    async def _send(self, message: str | bytes) -> None:
        self.sent.messages += 1
        self.sent.by_mutation.update(self._how.split(" and "))
        if isinstance(message, bytes):
            await self.raw.socket.send_binary(message)
        else:
            await self.raw.socket.send_text(message)

    async def _listen(self) -> None:
        while (text := await self.raw.socket.receive()) is not None:
            self.raw.received.append(json.loads(text))

    async def _until_answered(self) -> None:
        heard = len(self.raw.sent_by_server("media"))
        deadline = time.monotonic() + ANSWERED_WITHIN_SECONDS
        while not self.answered and time.monotonic() < deadline:
            await self.raw.silence(0.5)
            self.answered = len(self.raw.sent_by_server("media")) > heard


def on_the_wire(text: str) -> str:
    """Half a surrogate pair has no UTF-8; inside JSON it may stand as an escape."""
    return text.encode(errors="replace").decode()


def size(message: str | bytes) -> int:
    return len(message if isinstance(message, bytes) else message.encode())


def readings(message: str | bytes) -> tuple[object, object]:
    """What a server may make of it, whose stack is less deep than a test's: a nested value that is
    too deep here may be read there: a `stop` around it ends the call, and a `start` begins it.
    """
    found: list[object] = []
    shallow = threading.Thread(target=lambda: found.append(read(message)))
    shallow.start()
    shallow.join()
    return read(message), found[0]


def may_be(kind: type, message: str | bytes) -> bool:
    return any(isinstance(meaning, kind) for meaning in readings(message))


def read(message: str | bytes) -> object:
    """What the server makes of it."""
    return parse(None if isinstance(message, bytes) else message)
