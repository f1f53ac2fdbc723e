"""One media stream from `start` to its end, at the pace of a telephone."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace

from rehearsal.caller.media_stream import MediaStream
from rehearsal.caller.microphone import Microphone
from rehearsal.caller.observed import ClearReceived, Ending, MarkSeen, Observed
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


class Conversation:
    """Twilio's side of a stream: caller audio every 20 ms, play-out, marks; times count in ms."""

    def __init__(
        self, stream: MediaStream, writer: MessageWriter, person: Person, rest_side: RestSide
    ) -> None:
        self._playout = Playout()
        self._microphone = Microphone()
        self._first_audio_ms: float | None = None
        self._marks: list[MarkSeen] = []
        self._clears: list[ClearReceived] = []
        self._violations: list[str] = []
        self._lags_ms: list[float] = []
        self._stream = stream
        self._writer = writer
        self._person = person
        self._rest_side = rest_side
        self._started_at = 0.0
        self._socket_closed_ms: float | None = None

    def now_ms(self) -> float:
        return (time.monotonic() - self._started_at) * 1000

    def observed(self, until_ms: float) -> Observed:
        """What happened until the end of the call."""
        ear = self._playout.ear
        return Observed(
            first_audio_ms=self._first_audio_ms,
            said=self._microphone.said(),
            heard=ear.heard(until_ms),
            played=self._playout.played(until_ms),
            unheard_ms=ear.unheard_ms(until_ms),
            marks=tuple(self._marks),
            clears=tuple(self._clears),
            gaps=tuple(self._playout.gaps),
            violations=tuple(self._violations),
            lags_ms=tuple(self._lags_ms),
            close_code=None if self._socket_closed_ms is None else self._stream.close_code,
        )

    async def run(self, parameters: Mapping[str, str]) -> Ending:
        """Start the stream and live through it. The socket is left open, after `stop`."""
        await self._stream.send_text(CONNECTED)
        self._started_at = time.monotonic()
        await self._stream.send_text(self._writer.start(parameters))
        reader = asyncio.create_task(self._read(), name="simulated caller's reader")
        try:
            ending = await self._live(reader)
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader
        if ending.by != "server-socket":
            await self._stream.send_text(self._writer.stop())
        return ending

    async def _live(self, reader: asyncio.Task[None]) -> Ending:
        frame = 0
        while True:
            frame += 1
            # Due times count from the start, so a late frame does not delay the ones after it.
            wait_ms = frame * FRAME_MS - self.now_ms()
            await asyncio.sleep(max(0.0, wait_ms / 1000))
            now_ms = self.now_ms()
            self._lags_ms.append(now_ms - frame * FRAME_MS)
            ending = self._ended_by_server(now_ms)
            if ending is not None:
                return ending
            if reader.done():
                reader.result()  # raises what ended the reader, which is a fault of ours
            await self._stream.send_text(self._writer.media(self._microphone.next_payload()))
            await self._echo(self._playout.due_marks(now_ms), cleared=False)
            ending = await self._act(now_ms)
            if ending is not None:
                return ending

    def _ended_by_server(self, now_ms: float) -> Ending | None:
        expected = self._person.expects_hangup
        complaint = "" if expected else f"The agent hung up during {self._person.doing}."
        if self._rest_side.changed.is_set():
            return Ending("server-rest", now_ms, complaint)
        if self._socket_closed_ms is not None:
            return Ending("server-socket", self._socket_closed_ms, complaint)
        return None

    async def _act(self, now_ms: float) -> Ending | None:
        act = self._person.next_act(now_ms, self._playout.ear, speaking=self._microphone.speaking)
        if isinstance(act, StartSpeaking):
            self._microphone.say(act.line)
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
            if self._first_audio_ms is None:
                self._first_audio_ms = now_ms
            if not self._playout.receive_audio(now_ms, message.audio):
                self._note_violation("more than ten minutes of audio in the buffer (31931)")
        elif isinstance(message, ServerMark):
            self._marks.append(MarkSeen(message.name, now_ms))
            self._playout.receive_mark(now_ms, message.name)
            await self._echo(self._playout.due_marks(now_ms), cleared=False)
        elif isinstance(message, ServerClear):
            self._clears.append(ClearReceived(now_ms, self._playout.buffered_ms(now_ms)))
            self._person.cut_agent_off(now_ms)
            await self._echo(self._playout.clear(now_ms), cleared=True)
        elif isinstance(message, Violation):
            self._note_violation(message.reason)

    async def _echo(self, names: tuple[str, ...], *, cleared: bool) -> None:
        for name in names:
            self._note_echo(name, cleared=cleared)
            await self._stream.send_text(self._writer.mark(name))

    def _note_echo(self, name: str, *, cleared: bool) -> None:
        for index, mark in enumerate(self._marks):
            if mark.name == name and mark.echoed_ms is None:
                self._marks[index] = replace(mark, echoed_ms=self.now_ms(), cleared=cleared)
                return

    def _note_violation(self, reason: str) -> None:
        if len(self._violations) < 100:
            self._violations.append(f"The server sent {reason}.")
