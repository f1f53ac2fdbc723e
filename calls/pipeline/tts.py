"""The agent's voice: Cartesia's, asked again for whatever it promised and did not speak."""

import asyncio
import base64
import binascii
import json
import time
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from pipecat.frames.frames import Frame, TTSAudioRawFrame, TTSStoppedFrame
from pipecat.services.cartesia.tts import CartesiaTTSService

from calls.circuit import circuits
from calls.pipeline.audible import Audible, is_audible
from calls.pipeline.line import Line
from calls.pipeline.promise import Promise
from calls.pipeline.transport import SAMPLE_RATE
from calls.pipeline.vendor_socket import LOST, SocketRoute, VendorSocket
from catalog.snapshot import AgentSpec

if TYPE_CHECKING:
    from calls.pipeline.warm_sockets import WarmSockets

OFFLINE_KEY = "offline"  # what the offline providers are told; they check no key
VERSION = "2026-03-01"
FIRST_AUDIO_SECONDS = 2.0  # also between two pieces of what was promised, and between two sounds
LOOK_SECONDS = 0.25
# Pipecat takes a context that is quiet for so long to be over: longer than every retry takes.
QUIET_CONTEXT_SECONDS = 12.0


class CallTTS(VendorSocket, CartesiaTTSService):
    """Tells the session how much it was given to speak, and when it stumbled."""

    def __init__(self, line: Line, agent: AgentSpec, warm: "WarmSockets | None" = None) -> None:
        routes = tts_routes(agent)
        super().__init__(
            api_key=OFFLINE_KEY,
            url=routes[0].url,
            sample_rate=SAMPLE_RATE,
            stop_frame_timeout_s=QUIET_CONTEXT_SECONDS,
            settings=self.Settings(
                model=routes[0].model, voice=routes[0].voice, language=agent.language
            ),
        )
        self.use_ladder(routes, line, warm)
        self._promises: dict[str, Promise] = {}
        self._audible = Audible()
        self._watch: asyncio.Task[None] | None = None

    async def start_tts_usage_metrics(self, text: str) -> None:
        self._line.used(spoken=len(text))

    async def cleanup(self) -> None:
        if self._watch is not None:
            watch, self._watch = self._watch, None
            await self.cancel_task(watch)
        await super().cleanup()

    # What is asked for ------------------------------------------------------------

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        if not self.owes_something():
            self._audible.asked(time.monotonic())
        promise = self._promises.setdefault(context_id, Promise(moved_at=time.monotonic()))
        if promise.is_kept():
            promise.moved_at = time.monotonic()
        promise.sent += text.split()
        promise.sentences += 1
        if self._watch is None:
            self._watch = self.create_task(self._look_after_promises())
        await self.start_tts_usage_metrics(text)
        await self._send(self._build_msg(text=text, context_id=context_id))
        yield None

    async def flush_audio(self, context_id: str | None = None) -> None:
        closed = context_id or self.get_active_audio_context_id()
        if not closed:
            return
        if closed in self._promises:
            self._promises[closed].is_closed = True
        await self._send(self._end_of(closed))

    async def on_audio_context_interrupted(self, context_id: str) -> None:
        await self.stop_all_metrics()
        self._audible.interrupted(time.monotonic())
        if self._promises.pop(context_id, None) is not None:
            await self._send(json.dumps({"context_id": context_id, "cancel": True}))

    async def on_audio_context_completed(self, context_id: str) -> None:
        self._promises.pop(context_id, None)
        await super().on_audio_context_completed(context_id)

    async def _send(self, message: str) -> None:
        """What cannot be sent now is asked for once the socket is open again."""
        if self.is_open:
            try:
                await self._websocket.send(message)
            except LOST:
                return

    def _end_of(self, context_id: str) -> str:
        message: str = self._build_msg(text="", continue_transcript=False, context_id=context_id)
        return message

    # What comes of it -------------------------------------------------------------

    async def receive_messages(self) -> None:
        async for text in self._websocket:
            message = json.loads(text)
            if not isinstance(message, dict):
                raise ValueError("not a message of Cartesia's")
            context_id = message.get("context_id")
            if message.get("type") == "error":
                self.give_up_on_it("its own error")
            elif isinstance(context_id, str) and context_id in self._promises:
                try:
                    await self._take(message, context_id, self._promises[context_id])
                except (KeyError, TypeError, binascii.Error) as error:
                    raise ValueError("not a message of Cartesia's") from error

    async def _take(self, message: dict[str, Any], context_id: str, promise: Promise) -> None:
        """Nothing of a promise counts before its first sound: a voice that sends silence, with the
        times of its words, has spoken none of them.
        """
        promise.moved_at = time.monotonic()
        kind, audio = message["type"], b""
        if kind == "chunk":
            audio = base64.b64decode(message["data"])
            if is_audible(audio):
                self._audible.came(len(audio), promise.moved_at)
                promise.is_heard = True
                if self._audible.speaks:
                    self.proven()
        if promise.is_heard or not promise.has_words():
            before, promise.unheard = promise.unheard, []
            for earlier in (*before, message):
                await self._pass_on(earlier, context_id, promise)
        elif kind == "done":
            self.give_up_on_it("nothing but silence")
        else:
            promise.unheard.append(message)

    async def _pass_on(self, message: dict[str, Any], context_id: str, promise: Promise) -> None:
        kind = message["type"]
        if kind == "chunk":
            audio = base64.b64decode(message["data"])
            frame = TTSAudioRawFrame(audio, SAMPLE_RATE, 1, context_id=context_id)
            promise.audio_bytes += len(audio)
            await self.append_to_audio_context(context_id, frame)
        elif kind == "timestamps":
            times = message["word_timestamps"]
            promise.heard += len(times["words"])
            starts = [promise.began_seconds + start for start in times["start"]]
            words = self._normalize_word_timestamps(times["words"], starts)
            spaced = True if self._word_timestamps_include_inter_frame_spaces() else None
            await self.add_word_timestamps(
                words,
                context_id,
                includes_inter_frame_spaces=spaced,
                pre_merge_tokens=bool(spaced),
            )
        elif kind == "flush_done":
            promise.sentences_done += 1
        elif kind == "done":
            self.proven()
            del self._promises[context_id]
            await self.stop_ttfb_metrics()
            await self.append_to_audio_context(context_id, TTSStoppedFrame(context_id=context_id))
            await self.remove_audio_context(context_id)

    # What does not come -----------------------------------------------------------

    async def _look_after_promises(self) -> None:
        """One task a call, that looks a few times a second; it costs no piece of audio anything."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            due = [promise for promise in self._promises.values() if not promise.is_kept()]
            overdue = any(promise.moved_at < now - FIRST_AUDIO_SECONDS for promise in due)
            unheard = due and self._audible.hole_seconds(now) > FIRST_AUDIO_SECONDS
            if (overdue or unheard) and self.is_open:
                self.give_up_on_it("no audio in time")

    def owes_something(self) -> bool:
        return any(not promise.is_kept() for promise in self._promises.values())

    async def ask_again(self) -> None:
        usual: Any = self._settings
        usual.voice, usual.model = self._route.voice, self._route.model
        self._audible.asked(time.monotonic())
        for context_id, promise in list(self._promises.items()):
            rest = promise.sent[promise.heard :]
            promise.sent, promise.heard = rest, 0
            promise.sentences, promise.sentences_done = int(bool(rest)), 0
            promise.moved_at = time.monotonic()
            promise.unheard, promise.is_heard = [], not rest
            promise.began_seconds = promise.audio_bytes / (2 * SAMPLE_RATE)
            if rest:
                await self._send(self._build_msg(text=" ".join(rest), context_id=context_id))
            if promise.is_closed:
                await self._send(self._end_of(context_id))


def tts_routes(agent: AgentSpec) -> tuple[SocketRoute, ...]:
    """Each voice has a circuit of its own: one that the vendor does not speak any more would else
    silence the agents with other voices, who can be heard.
    """
    voice = agent.voice_id or settings.CARTESIA_VOICE_ID
    usual = SocketRoute(
        name="tts",
        url=f"{settings.CARTESIA_BASE_URL}/tts/websocket",
        headers=_headers(settings.CARTESIA_API_KEY),
        circuit=circuits.of(f"tts {voice}"),
        model=settings.CARTESIA_TTS_MODEL,
        voice=voice,
    )
    other = settings.FALLBACKS.tts
    if other is None:
        return (usual,)
    other_voice = other.voice_id or voice
    fallback = SocketRoute(
        name="tts fallback",
        url=f"{other.base_url}/tts/websocket",
        headers=_headers(other.api_key),
        circuit=circuits.of(f"tts fallback {other_voice}"),
        model=other.model,
        voice=other_voice,
    )
    return usual, fallback


def _headers(key: str) -> dict[str, str]:
    return {"X-API-Key": key or OFFLINE_KEY, "Cartesia-Version": VERSION}
