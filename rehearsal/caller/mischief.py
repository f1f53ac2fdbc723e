"""Carries out on a stream, tick by tick, what Twilio never does there."""

from collections import deque

from rehearsal.caller.frames import BINARY, TEXT, frame, text_frame
from rehearsal.caller.hostile_messages import hostile_messages
from rehearsal.caller.media_stream import MediaStream
from rehearsal.caller.misdeeds import (
    Flood,
    GoHalfOpen,
    Misdeed,
    SendBinary,
    SendHostile,
    SendOversize,
    SpoilFrames,
    Stall,
    StopAndStay,
)
from rehearsal.caller.stream_messages import FRAME_MS, SILENCE_PAYLOAD, MessageWriter
from rehearsal.caller.uplink import Uplink

# A half-open caller reads again just before it gives up: has the server closed meanwhile?
LOOK_AGAIN_MS = 400.0


class Mischief:
    """One at a time: a script does one thing after the other."""

    def __init__(self, stream: MediaStream, uplink: Uplink, writer: MessageWriter) -> None:
        self.has_stopped = False  # `stop` was sent, and the stream goes on
        self.is_half_open = False
        self._stream = stream
        self._uplink = uplink
        self._writer = writer
        self._until_ms: float | None = None
        self._look_again_ms: float | None = None
        self._hostile: deque[str] = deque()
        self._flood_per_tick = 0

    def begin(self, misdeed: Misdeed, now_ms: float) -> None:
        match misdeed:
            case StopAndStay():
                self._uplink.send(self._writer.stop())
                self.has_stopped = True
            case GoHalfOpen(deadline_seconds):
                self._stream.stop_reading()
                self._uplink.is_dead = self.is_half_open = True
                self._look_again_ms = now_ms + deadline_seconds * 1000 - LOOK_AGAIN_MS
            case Stall():
                self._uplink.stall()
            case SpoilFrames():
                self._uplink.spoil(misdeed)
            case SendHostile(names):
                messages = hostile_messages(self._writer.stream_sid)
                self._hostile.extend(messages[name] for name in names or messages)
            case SendOversize(size_bytes):
                self._uplink.send_raw(text_frame(self._padded(size_bytes)))
            case SendBinary(data, as_text):
                self._uplink.send_raw(frame(TEXT if as_text else BINARY, data))
            case Flood(_seconds, frames_per_second):
                self._flood_per_tick = round(frames_per_second * FRAME_MS / 1000)
            case _:
                return  # It happens beside the stream.
        if misdeed.lasts_ms:
            self._until_ms = now_ms + misdeed.lasts_ms

    def tick(self, now_ms: float) -> None:
        if self._until_ms is not None and now_ms >= self._until_ms:
            self._until_ms = None
            self._flood_per_tick = 0
            self._uplink.recover()
        if self._look_again_ms is not None and now_ms >= self._look_again_ms:
            self._look_again_ms = None
            self._stream.go_on_reading()
        if self._hostile:
            self._uplink.send(self._hostile.popleft())
        for _ in range(self._flood_per_tick):
            self._uplink.send_media(self._writer.media(SILENCE_PAYLOAD))

    def _padded(self, size_bytes: int) -> str:
        message = self._writer.media(SILENCE_PAYLOAD)
        room = size_bytes - len(message) - len(',"pad":""')
        return f'{message[:-1]},"pad":"{"x" * max(0, room)}"}}'
