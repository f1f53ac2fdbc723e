"""Cartesia's text-to-speech as server-sent events: one text, its audio and its word times."""

import json
import uuid

from aiohttp import web

from rehearsal.providers.backstage import BACKSTAGE
from rehearsal.providers.cutting import cut
from rehearsal.providers.faults import Provider
from rehearsal.providers.gate import DROP
from rehearsal.providers.speech_context import SpeechContext
from rehearsal.providers.speech_request import BadSpeechRequest, parse_json, parse_speech
from rehearsal.providers.vendor_errors import vendor_error


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_post("/tts/sse", tts_events)


async def tts_events(request: web.Request) -> web.StreamResponse:
    """What the socket sends for one context, each message as an event."""
    try:
        document = parse_json(await request.text())
        asked = parse_speech(document, str(document.get("context_id") or uuid.uuid4()))
        if asked.container != "raw":
            raise BadSpeechRequest("Events carry raw audio only.", asked.context_id)
    except BadSpeechRequest as error:
        return vendor_error(Provider.TTS, 400, str(error))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    outlet = EventStream(request, response)
    context = SpeechContext(request.app[BACKSTAGE], outlet, asked.context_id)
    context.say(asked, request.get(DROP))
    await context.run()
    return response


class EventStream:
    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        self._request = request
        self._response = response

    async def send_json(self, data: object) -> None:
        await self._response.write(f"data: {json.dumps(data)}\n\n".encode())

    def cut(self) -> None:
        cut(self._request)
