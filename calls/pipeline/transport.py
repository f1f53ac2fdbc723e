"""The session's socket as a Pipecat transport: 8 kHz both ways, so nothing is ever resampled."""

import asyncio
from dataclasses import dataclass

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    ControlFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    StartFrame,
    TTSTextFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams

from calls.pipeline.echo import EchoGate
from calls.pipeline.line import Line
from calls.playout import PlayMark
from catalog import mulaw

SAMPLE_RATE = 8_000
# What lies in Twilio's buffer ahead of the caller's ear. It hides stalls of the event loop of that
# length; a larger lead would make "what was heard" less exact by the same amount.
SEND_LEAD_SECONDS = 0.3

TRANSPORT_PARAMS = TransportParams(
    audio_in_enabled=True,
    audio_in_sample_rate=SAMPLE_RATE,
    audio_out_enabled=True,
    audio_out_sample_rate=SAMPLE_RATE,
    # 100 ms: a stall of the loop right after a reply's first piece is not heard as a gap.
    audio_out_10ms_chunks=10,
    audio_out_end_silence_secs=0,
)


@dataclass
class SpokenFrame(ControlFrame):
    """Follows speech through the pipeline, behind its last audio. An interruption drops it."""

    request: "asyncio.Future[PlayMark]"


class CallInput(BaseInputTransport):
    """The caller's audio."""

    def __init__(self, line: Line) -> None:
        super().__init__(TRANSPORT_PARAMS)
        self._line = line
        self._echo = EchoGate(line.playout)
        self._inbox = line.inbox
        self._reader: asyncio.Task[None] | None = None

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        # Not set_transport_ready(): its queue and task would add a hop to every frame.
        if self._reader is None:
            self._reader = self.create_task(self._read())

    async def stop(self, frame: EndFrame) -> None:
        await self._stop_reading()
        await super().stop(frame)

    async def cancel(self, frame: CancelFrame) -> None:
        await self._stop_reading()
        await super().cancel(frame)

    async def cleanup(self) -> None:
        await self._stop_reading()
        await super().cleanup()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, VADUserStartedSpeakingFrame):
            self._inbox.caller_speaks = True
            self._line.caller_started(frame.start_secs)
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            self._inbox.caller_speaks = False
            self._line.caller_stopped(frame.stop_secs)
        await super().process_frame(frame, direction)

    async def _read(self) -> None:
        while True:
            pcm = self._echo.without_echo(mulaw.decode(await self._inbox.take()))
            await self.push_frame(InputAudioRawFrame(pcm, SAMPLE_RATE, 1))

    async def _stop_reading(self) -> None:
        if self._reader is not None:
            reader, self._reader = self._reader, None
            await self.cancel_task(reader)


class CallOutput(BaseOutputTransport):
    """The agent's audio, sent as far ahead of the caller's ear as SEND_LEAD_SECONDS."""

    def __init__(self, line: Line) -> None:
        super().__init__(TRANSPORT_PARAMS)
        self._line = line
        self._interruptions = 0

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        if self._line.pipeline_is_muted:
            return False
        interruptions = self._interruptions
        ahead = self._line.playout.lead_seconds - SEND_LEAD_SECONDS
        if ahead > 0:
            await asyncio.sleep(ahead)
            if interruptions != self._interruptions or self._line.pipeline_is_muted:
                return False  # This piece belongs to what the caller cut off.
        await self._line.playout.send_audio(mulaw.encode(frame.audio))
        return True

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, InterruptionFrame):
            self._interruptions += 1
            await super().process_frame(frame, direction)
            await self._line.interrupted()
            return
        await super().process_frame(frame, direction)

    async def write_transport_frame(self, frame: Frame) -> None:
        if isinstance(frame, SpokenFrame):
            await self._line.spoken(frame.request)

    async def push_frame(
        self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM
    ) -> None:
        if direction is FrameDirection.DOWNSTREAM:
            if isinstance(frame, BotStartedSpeakingFrame):
                self._line.reply_started()
            elif isinstance(frame, BotStoppedSpeakingFrame):
                await self._line.reply_sent()
            elif isinstance(frame, TTSTextFrame):
                self._line.agent_is_saying(frame.text)
        await super().push_frame(frame, direction)
