"""When may the model run? Not while a protected greeting plays: the caller's words wait for it.
Nor while the caller is asked what they thought of the call.
"""

from pipecat.frames.frames import Frame, InputAudioRawFrame, InterruptionFrame, LLMContextFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from calls.pipeline.line import Line


class TurnGate(FrameProcessor):
    """Stands between the user aggregator and the model.

    It also ends the way of the caller's audio, which nothing behind it needs: in a
    prototype on Pipecat 1.14 this took a call from 15.5 to 12 % of a core.
    """

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line
        self._held: LLMContextFrame | None = None
        self._closed = False
        self._opens_next = False

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            return
        if isinstance(frame, InterruptionFrame):
            self._held = None  # The turn that began now will bring the words of both.
            self._closed = self._closed and not self._opens_next
        if isinstance(frame, LLMContextFrame) and (
            self._closed or self._line.greeting_is_protected
        ):
            self._held = frame
            return
        await self.push_frame(frame, direction)

    def close(self) -> None:
        self._closed, self._opens_next = True, False

    def open_at_the_next_turn(self) -> None:
        """What was said until now was no turn of the conversation: no reply follows it."""
        self._opens_next = True

    async def open(self) -> None:
        """The greeting is over: let the model answer what was said meanwhile."""
        self._closed = False
        if self._held is not None:
            held, self._held = self._held, None
            await self.push_frame(held)
