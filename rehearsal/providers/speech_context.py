"""One context of the text-to-speech: its transcripts, spoken in order."""

import asyncio
import base64
import logging
import re
import time
from dataclasses import dataclass
from typing import Protocol

from rehearsal.providers.backstage import Backstage
from rehearsal.providers.faults import Fault, Trouble
from rehearsal.providers.pcm import Pcm
from rehearsal.providers.speech_request import SpeechRequest
from rehearsal.providers.vendor_errors import cartesia_error
from rehearsal.providers.voices.voice import VoiceError
from rehearsal.providers.word_times import word_times

logger = logging.getLogger(__name__)

CHUNK_MS = 80
IDLE_SECONDS = 300.0  # a context nobody continues or ends
_SENTENCE_ENDED = re.compile(r"[.!?…]\s*$")


@dataclass(frozen=True, slots=True)
class _Due:
    """A piece of text whose time to be spoken has come."""

    text: str
    request: SpeechRequest
    asked_at: float
    is_flush: bool


class Outlet(Protocol):
    """Where the messages go: a socket, or a stream of events."""

    async def send_json(self, data: object) -> None: ...

    def cut(self) -> None:
        """Break the connection off."""


class SpeechContext:
    def __init__(self, backstage: Backstage, outlet: Outlet, context_id: str) -> None:
        self._backstage = backstage
        self._outlet = outlet
        self._context_id = context_id
        self._requests: asyncio.Queue[tuple[SpeechRequest, float]] = asyncio.Queue()
        self._spoken_seconds = 0.0
        self._flush_id = 1
        self._has_spoken = False
        self._trouble: Trouble | None = None
        self._chunks_in_trouble = 0

    def say(self, request: SpeechRequest, trouble: Trouble | None = None) -> None:
        """Speak this next. A slow one is late, and in a drop the connection is cut."""
        if trouble is not self._trouble:
            self._trouble, self._chunks_in_trouble = trouble, 0
        self._requests.put_nowait((request, time.monotonic()))

    async def run(self) -> None:
        """Until the last transcript is spoken, or the task is cancelled."""
        try:
            more = True
            while more:
                due, more = await self._next_due()
                await self._speak(due)
            await self._send("done", done=True, status_code=200)
        except VoiceError as error:
            await self._outlet.send_json(cartesia_error(str(error), context_id=self._context_id))
        except TimeoutError:
            await self._send("done", done=True, status_code=200)
        except ConnectionResetError:
            logger.debug("The client left while context %s was speaking.", self._context_id)

    async def _next_due(self) -> tuple[_Due, bool]:
        """Gather transcripts until there is a sentence, a flush, an end, or the delay is over."""
        async with asyncio.timeout(IDLE_SECONDS):
            request, asked_at = await self._requests.get()
        text = request.transcript
        deadline = asyncio.get_running_loop().time() + request.buffer_delay_ms / 1000
        while _is_unfinished(request, text):
            try:
                async with asyncio.timeout_at(deadline):
                    request, _ = await self._requests.get()
            except TimeoutError:
                break
            text += request.transcript
        is_flush = request.flush or (request.buffer_delay_ms == 0 and bool(text.strip()))
        return _Due(text, request, asked_at, is_flush), request.more

    async def _speak(self, due: _Due) -> None:
        request = due.request
        async for spoken in self._backstage.speaker.speak(due.text, request.language, request.rate):
            if request.timestamps:
                await self._send_word_times(spoken.text, spoken.audio.seconds)
            await self._wait_for_first_audio(due.asked_at)
            await self._send_audio(spoken.audio)
            self._spoken_seconds += spoken.audio.seconds
        if due.is_flush:
            await self._send("flush_done", flush_done=True, flush_id=self._flush_id)
            self._flush_id += 1

    async def _wait_for_first_audio(self, asked_at: float) -> None:
        if not self._has_spoken:
            least = self._backstage.latency.tts_first_audio_ms / 1000
            if self._trouble is not None and self._trouble.fault is Fault.SLOW:
                least = max(least, self._trouble.ms / 1000)
            await asyncio.sleep(max(0.0, asked_at + least - time.monotonic()))
            self._has_spoken = True

    async def _send_word_times(self, text: str, seconds: float) -> None:
        times = word_times(text, seconds, self._spoken_seconds)
        await self._send(
            "timestamps",
            word_timestamps={
                "words": [time.word for time in times],
                "start": [time.start for time in times],
                "end": [time.end for time in times],
            },
        )

    async def _send_audio(self, audio: Pcm) -> None:
        data = audio.to_bytes()
        step = 2 * audio.rate * CHUNK_MS // 1000
        for start in range(0, len(data), step):
            self._drop_when_due()
            payload = base64.b64encode(data[start : start + step]).decode("ascii")
            await self._send("chunk", data=payload, step_time=0.0, flush_id=self._flush_id)

    def _drop_when_due(self) -> None:
        if self._trouble is not None and self._trouble.fault is Fault.DROP:
            if self._chunks_in_trouble >= self._trouble.after:
                self._outlet.cut()
                raise ConnectionResetError
            self._chunks_in_trouble += 1

    async def _send(
        self, kind: str, *, done: bool = False, status_code: int = 206, **fields: object
    ) -> None:
        await self._outlet.send_json(
            {
                "type": kind,
                "done": done,
                "status_code": status_code,
                "context_id": self._context_id,
                **fields,
            }
        )


def _is_unfinished(request: SpeechRequest, text: str) -> bool:
    """May more text change how this is spoken? Without a buffer delay it is not waited for."""
    if not request.more or request.flush or request.buffer_delay_ms == 0:
        return False
    return _SENTENCE_ENDED.search(text) is None
