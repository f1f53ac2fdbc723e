"""One media stream from `start` to its end, at the pace of a telephone."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rehearsal.caller.media_stream import MediaStream
from rehearsal.caller.microphone import Microphone
from rehearsal.caller.person import Person, PressKey, PutDown, StartSpeaking
from rehearsal.caller.playout import Playout
from rehearsal.caller.rest_side import RestSide
from rehearsal.caller.server_messages import (
    ServerClear,
    ServerMark,
    ServerMedia,
    Violation,
    read_server_message,
)
from rehearsal.caller.stream_messages import CONNECTED, FRAME_MS, MessageWriter

EndedBy = Literal["caller", "server-rest", "server-socket", "error"]


@dataclass(frozen=True, slots=True)
class MarkReceived:
    """A mark and when it came back; None when the call ended before."""

    name: str
    received_ms: float
    echoed_ms: float | None
    cleared: bool


@dataclass(frozen=True, slots=True)
class ClearReceived:
    at_ms: float
    thrown_away_ms: float


@dataclass(frozen=True, slots=True)
class Ending:
    by: EndedBy
    at_ms: float
    complaint: str = ""


class Conversation:
    """Twilio's side of a stream: caller audio every 20 ms, play-out, marks; times count in ms."""

    def __init__(
        self, stream: MediaStream, writer: MessageWriter, person: Person, rest_side: RestSide
    ) -> None:
        self.playout = Playout()
        self.microphone = Microphone()
        self.first_audio_ms: float | None = None
        self.marks: list[MarkReceived] = []
        self.clears: list[ClearReceived] = []
        self.violations: list[str] = []
        self.lags_ms: list[float] = []  # how late each 20 ms frame was sent
        self._stream = stream
        self._writer = writer
        self._person = person
        self._rest_side = rest_side
        self._started_at = 0.0
        self._socket_closed_ms: float | None = None

    def now_ms(self) -> float:
        return (time.monotonic() - self._started_at) * 1000

    async def run(self, parameters: Mapping[str, str]) -> Ending:
        """Start the stream and live through it. The socket is left open, after `stop`."""
        await self._stream.send_text(CONNECTED)
        await self._stream.send_text(self._writer.start(parameters))
        self._started_at = time.monotonic()
        reader = asyncio.create_task(self._read(), name="simulated caller's reader")
        try:
            ending = await self._live()
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader
        if ending.by != "server-socket":
            await self._stream.send_text(self._writer.stop())
        return ending

    async def _live(self) -> Ending:
        frame = 0
        while True:
            frame += 1
            # Due times count from the start, so a late frame does not delay the ones after it.
            wait_ms = frame * FRAME_MS - self.now_ms()
            await asyncio.sleep(max(0.0, wait_ms / 1000))
            now_ms = self.now_ms()
            self.lags_ms.append(now_ms - frame * FRAME_MS)
            ending = self._ended_by_server(now_ms)
            if ending is not None:
                return ending
            await self._stream.send_text(self._writer.media(self.microphone.next_payload()))
            await self._echo(self.playout.due_marks(now_ms), cleared=False)
            ending = await self._act(now_ms)
            if ending is not None:
                return ending

    def _ended_by_server(self, now_ms: float) -> Ending | None:
        expected = self._person.expects_hangup
        complaint = "" if expected else f"The agent hung up during {self._person.step}."
        if self._rest_side.changed.is_set():
            return Ending("server-rest", now_ms, complaint)
        if self._socket_closed_ms is not None:
            return Ending("server-socket", self._socket_closed_ms, complaint)
        return None

    async def _act(self, now_ms: float) -> Ending | None:
        act = self._person.next_act(
            now_ms, self.playout.ear, speaking=self.microphone.speaking
        )
        if isinstance(act, StartSpeaking):
            self.microphone.say(act.line)
        elif isinstance(act, PressKey):
            await self._stream.send_text(self._writer.dtmf(act.digit))
        elif isinstance(act, PutDown):
            return Ending("caller", now_ms, act.complaint)
        return None

    async def _read(self) -> None:
        while (frame := await self._stream.receive()) is not None:
            await self._take(frame, self.now_ms())
        self._socket_closed_ms = self.now_ms()

    async def _take(self, frame: str | bytes, now_ms: float) -> None:
        message = read_server_message(frame, self._writer.stream_sid)
        if isinstance(message, ServerMedia):
            if self.first_audio_ms is None:
                self.first_audio_ms = now_ms
            if not self.playout.receive_audio(now_ms, message.audio):
                self._note_violation("more than ten minutes of audio in the buffer (31931)")
        elif isinstance(message, ServerMark):
            self.marks.append(MarkReceived(message.name, now_ms, None, cleared=False))
            self.playout.receive_mark(now_ms, message.name)
            await self._echo(self.playout.due_marks(now_ms), cleared=False)
        elif isinstance(message, ServerClear):
            self.clears.append(ClearReceived(now_ms, self.playout.buffered_ms(now_ms)))
            self._person.cut_agent_off(now_ms)
            await self._echo(self.playout.clear(now_ms), cleared=True)
        elif isinstance(message, Violation):
            self._note_violation(message.reason)

    async def _echo(self, names: tuple[str, ...], *, cleared: bool) -> None:
        for name in names:
            self._note_echo(name, cleared=cleared)
            await self._stream.send_text(self._writer.mark(name))

    def _note_echo(self, name: str, *, cleared: bool) -> None:
        for index, mark in enumerate(self.marks):
            if mark.name == name and mark.echoed_ms is None:
                self.marks[index] = MarkReceived(name, mark.received_ms, self.now_ms(), cleared)
                return

    def _note_violation(self, reason: str) -> None:
        if len(self.violations) < 100:
            self.violations.append(f"The server sent {reason}.")
