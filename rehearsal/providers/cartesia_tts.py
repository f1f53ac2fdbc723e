"""Cartesia's text-to-speech: a socket of many contexts, and one request for a whole text."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from rehearsal.providers.backstage import BACKSTAGE, Backstage
from rehearsal.providers.cutting import cut
from rehearsal.providers.faults import REFUSALS, Fault, Provider
from rehearsal.providers.nonsense import send_senseless
from rehearsal.providers.speech_context import SpeechContext
from rehearsal.providers.speech_request import (
    BadSpeechRequest,
    SpeechRequest,
    parse_json,
    parse_message,
    parse_speech,
)
from rehearsal.providers.vendor_errors import cartesia_error, vendor_error

MAX_CONTEXTS = 100
ASKED_FOR = "This fault was asked for."


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get("/tts/websocket", tts_websocket)
    router.add_post("/tts/bytes", tts_bytes)


async def tts_websocket(request: web.Request) -> web.StreamResponse:
    backstage = request.app[BACKSTAGE]
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async with speaking(backstage, SocketOutlet(request, socket)) as contexts:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await contexts.receive(message.data)
    return socket


@asynccontextmanager
async def speaking(backstage: Backstage, outlet: "SocketOutlet") -> AsyncIterator["Contexts"]:
    contexts = Contexts(backstage, outlet)
    try:
        yield contexts
    finally:
        await contexts.close()


@dataclass(frozen=True, slots=True)
class SocketOutlet:
    request: web.Request
    socket: web.WebSocketResponse

    async def send_json(self, data: object) -> None:
        await self.socket.send_json(data)

    def cut(self) -> None:
        cut(self.request)


class Contexts:
    """The contexts of one socket; each speaks in a task of its own."""

    def __init__(self, backstage: Backstage, outlet: SocketOutlet) -> None:
        self._backstage = backstage
        self._outlet = outlet
        self._running: dict[str, tuple[SpeechContext, asyncio.Task[None]]] = {}

    async def receive(self, text: str) -> None:
        try:
            document = parse_json(text)
            self._log(document)
            request = parse_message(document)
            if request.cancel:
                await self._cancel(request.context_id)
            else:
                await self._speak(request)
        except BadSpeechRequest as error:
            await self._refuse(str(error), 400, error.context_id)

    async def _speak(self, request: SpeechRequest) -> None:
        context_id = request.context_id
        trouble = self._backstage.faults.strike(
            Provider.TTS, (id(self), context_id), model=request.model, voice=request.voice
        )
        fault = trouble.fault if trouble is not None else None
        if fault is Fault.ERROR:
            await self._refuse(ASKED_FOR, 500, context_id)
        elif fault is Fault.GARBAGE:
            await send_senseless(self._outlet.socket, context_id)
        elif trouble is not None and trouble.fault in REFUSALS and trouble.is_narrow:
            # The socket is open already; of one voice nothing was known until now.
            await self._refuse(ASKED_FOR, REFUSALS[trouble.fault][0], context_id)
        elif fault is not Fault.SILENT:
            self._context(context_id).say(request, trouble)

    async def _refuse(self, why: str, status: int, context_id: str | None) -> None:
        await self._outlet.send_json(cartesia_error(why, status=status, context_id=context_id))

    async def close(self) -> None:
        for context_id in list(self._running):
            await self._cancel(context_id)

    def _context(self, context_id: str) -> SpeechContext:
        if context_id not in self._running:
            if len(self._running) >= MAX_CONTEXTS:
                raise BadSpeechRequest("Too many contexts are open.", context_id)
            context = SpeechContext(self._backstage, self._outlet, context_id)
            task = asyncio.create_task(context.run(), name=f"speech {context_id}")
            self._running[context_id] = (context, task)
            task.add_done_callback(lambda _task: self._running.pop(context_id, None))
        return self._running[context_id][0]

    async def _cancel(self, context_id: str) -> None:
        if context_id in self._running:
            _context, task = self._running[context_id]
            task.cancel()
            await asyncio.wait([task])

    def _log(self, document: object) -> None:
        self._backstage.log.add(
            Provider.TTS,
            "message",
            method="",
            path="/tts/websocket",
            query={},
            headers={},
            body=document,
        )


async def tts_bytes(request: web.Request) -> web.Response:
    backstage = request.app[BACKSTAGE]
    try:
        asked = parse_speech(parse_json(await request.text()), "bytes")
    except BadSpeechRequest as error:
        return vendor_error(Provider.TTS, 400, str(error))
    await asyncio.sleep(backstage.latency.tts_first_audio_ms / 1000)
    pieces = [
        spoken.audio.to_bytes()
        async for spoken in backstage.speaker.speak(asked.transcript, asked.language, asked.rate)
    ]
    audio = b"".join(pieces)
    if asked.container == "wav":
        return web.Response(body=_wav(audio, asked.rate), content_type="audio/wav")
    return web.Response(body=audio, content_type="audio/pcm")


def _wav(audio: bytes, rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(audio)
    return file.getvalue()
