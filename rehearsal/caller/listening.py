"""What the server sends, at the caller's end: played out in time, marks returned. Pure."""

from dataclasses import dataclass, replace

from rehearsal.caller.observed import ClearReceived, MarkSeen
from rehearsal.caller.playout import Playout
from rehearsal.caller.server_messages import (
    ServerClear,
    ServerMark,
    ServerMedia,
    Violation,
    read_server_message,
)

MOST_VIOLATIONS = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """What one frame from the server was."""

    is_audio: bool = False
    is_clear: bool = False
    marks: tuple[str, ...] = ()  # that come back at once


class Listening:
    """Of a whole call: the streams follow one another on one time axis, in ms from `start`."""

    def __init__(self, *, echoes_marks: bool = True) -> None:
        self.playout = Playout()
        self.marks: list[MarkSeen] = []
        self.clears: list[ClearReceived] = []
        self.violations: list[str] = []
        self._echoes_marks = echoes_marks

    def take(self, frame: str | bytes, stream_sid: str, now_ms: float) -> Taken:
        message = read_server_message(frame, stream_sid)
        if isinstance(message, ServerMedia):
            if not self.playout.receive_audio(now_ms, message.audio):
                self._note_violation("more than ten minutes of audio in the buffer (31931)")
            return Taken(is_audio=True)
        if isinstance(message, ServerMark):
            self.marks.append(MarkSeen(message.name, now_ms))
            self.playout.receive_mark(now_ms, message.name)
            return Taken(marks=self.due_marks(now_ms))
        if isinstance(message, ServerClear):
            self.clears.append(ClearReceived(now_ms, self.playout.buffered_ms(now_ms)))
            names = self.playout.clear(now_ms)
            return Taken(is_clear=True, marks=self._returned(names, now_ms, cleared=True))
        if isinstance(message, Violation):
            self._note_violation(message.reason)
        return Taken()

    def due_marks(self, now_ms: float) -> tuple[str, ...]:
        """Marks whose audio has been played by now: they go back to the server."""
        names = self.playout.due_marks(now_ms)
        return self._returned(names, now_ms, cleared=False) if names else ()

    def _returned(self, names: tuple[str, ...], now_ms: float, *, cleared: bool) -> tuple[str, ...]:
        if not self._echoes_marks:
            return ()
        for name in names:
            for index, mark in enumerate(self.marks):
                if mark.name == name and mark.echoed_ms is None:
                    self.marks[index] = replace(mark, echoed_ms=now_ms, cleared=cleared)
                    break
        return names

    def _note_violation(self, reason: str) -> None:
        if len(self.violations) < MOST_VIOLATIONS:
            self.violations.append(reason)
