"""Cartesia's speech-to-text socket: audio in, a transcript for each `finalize`."""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field

from aiohttp import WSMessage, WSMsgType, web

from rehearsal.providers.backstage import BACKSTAGE, Backstage
from rehearsal.providers.cutting import cut
from rehearsal.providers.ears.recogniser import Ear
from rehearsal.providers.faults import Fault, Provider, Trouble
from rehearsal.providers.nonsense import send_senseless
from rehearsal.providers.pcm import Pcm
from rehearsal.providers.vendor_errors import cartesia_error, vendor_error

KEPT_SECONDS = 60
MAX_MESSAGE_BYTES = 1_048_576
BYTES_PER_SAMPLE = 2


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get("/stt/websocket", stt_websocket)


async def stt_websocket(request: web.Request) -> web.StreamResponse:
    query = request.query
    backstage = request.app[BACKSTAGE]
    rate = int(query["sample_rate"]) if query.get("sample_rate", "").isdecimal() else 0
    rates = backstage.ears.rates
    if not query.get("model") or query.get("encoding") != "pcm_s16le" or rate not in rates:
        why = f"Give model, encoding=pcm_s16le and sample_rate={' or '.join(map(str, rates))}."
        return vendor_error(Provider.STT, 400, why)
    socket = web.WebSocketResponse(compress=False, max_msg_size=MAX_MESSAGE_BYTES)
    socket.headers["X-Request-ID"] = str(uuid.uuid4())
    await socket.prepare(request)
    language = query.get("language", "en")
    ear = backstage.ears.new_ear(language)
    hearing = Hearing(backstage, request, socket, ear, language, rate)
    try:
        async for message in socket:
            await hearing.receive(message)
    except ConnectionResetError:
        pass  # The client left while we were answering.
    return socket


@dataclass
class Hearing:
    """One connection: the audio since the last `finalize`, at most a minute of it."""

    backstage: Backstage
    request: web.Request
    socket: web.WebSocketResponse
    ear: Ear
    language: str
    rate: int
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _audio: bytearray = field(default_factory=bytearray)
    _trouble: Trouble | None = None
    _transcripts_in_trouble: int = 0

    async def receive(self, message: WSMessage) -> None:
        fault = self._fault()
        if fault is Fault.SILENT:
            return
        if fault is Fault.ERROR:
            await self.socket.send_json(cartesia_error("This fault was asked for."))
            await self.socket.close()
        elif self._drop_is_due():
            cut(self.request)
        elif message.type is WSMsgType.BINARY:
            self._audio += message.data
            excess = len(self._audio) - KEPT_SECONDS * self.rate * BYTES_PER_SAMPLE
            if excess > 0:
                del self._audio[: excess + excess % BYTES_PER_SAMPLE]
        elif message.type is WSMsgType.TEXT:
            await self._command(command_of(message.data))

    def _fault(self) -> Fault | None:
        model = self.request.query.get("model", "")
        trouble = self.backstage.faults.strike(Provider.STT, self.request_id, model=model)
        if trouble is not self._trouble:
            self._trouble, self._transcripts_in_trouble = trouble, 0
        return None if trouble is None else trouble.fault

    def _drop_is_due(self) -> bool:
        trouble = self._trouble
        if trouble is None or trouble.fault is not Fault.DROP:
            return False
        return self._transcripts_in_trouble >= trouble.after

    async def _command(self, command: str) -> None:
        self.backstage.log.add(
            Provider.STT,
            "message",
            method="",
            path="/stt/websocket",
            query={},
            headers={},
            body=command,
        )
        if self._trouble is not None and self._trouble.fault is Fault.GARBAGE:
            self._audio.clear()
            await send_senseless(self.socket)
        elif command == "finalize":
            await self._transcribe()
            await self._send("flush_done")
        elif command in ("done", "close"):
            await self._transcribe()
            await self._send("done")
            await self.socket.close()
        else:
            error = cartesia_error("Commands are finalize and close.", status=400)
            await self.socket.send_json(error)

    async def _transcribe(self) -> None:
        started_at = time.monotonic()
        audio = Pcm.from_bytes(bytes(self._audio), self.rate)
        self._audio.clear()
        text = await self.ear.understand(audio)
        least = self.backstage.latency.stt_final_ms / 1000
        if self._trouble is not None and self._trouble.fault is Fault.SLOW:
            least = max(least, self._trouble.ms / 1000)
        await asyncio.sleep(max(0.0, started_at + least - time.monotonic()))
        if text:
            # Finals are deltas: a space divides this one from what will follow.
            await self._send(
                "transcript",
                is_final=True,
                text=f"{text} ",
                duration=round(audio.seconds, 3),
                language=self.language,
            )
            self._transcripts_in_trouble += 1

    async def _send(self, kind: str, **fields: object) -> None:
        await self.socket.send_json({"type": kind, **fields, "request_id": self.request_id})


def command_of(text: str) -> str:
    """The word itself, that word as JSON, or {"type": word}: all three are in use."""
    try:
        document = json.loads(text)
    except ValueError:
        return text.strip()
    if isinstance(document, dict):
        return str(document.get("type", ""))
    return str(document)
