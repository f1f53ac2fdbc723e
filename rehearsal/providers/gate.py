"""What every request passes before a stand-in answers: the log, the key, faults and latency."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import nullcontext

from aiohttp import web
from aiohttp.typedefs import Handler

from rehearsal.providers.backstage import BACKSTAGE, Backstage
from rehearsal.providers.credentials import has_key
from rehearsal.providers.cutting import cut_in_the_middle
from rehearsal.providers.faults import REFUSALS, Fault, Provider, Trouble
from rehearsal.providers.nonsense import senseless_answer
from rehearsal.providers.vendor_errors import vendor_error

SILENT_SECONDS = 120.0
# The trouble of a request whose answer is a stream: its handler drops it in the middle.
DROP = web.RequestKey("drop", Trouble)

_PROVIDER_BY_PATH = {
    "/v1/": Provider.LLM,
    "/stt": Provider.STT,
    "/tts/": Provider.TTS,
    "/2010-04-01/": Provider.TWILIO,
    "/rest/v1/": Provider.SUPABASE,
}
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    provider = provider_of(request.path)
    if provider is None:
        return await handler(request)
    backstage = request.app[BACKSTAGE]
    line, most = backstage.traffic.of(provider), backstage.faults.most.get(provider)
    line.knock()
    is_one_too_many = most is not None and line.open >= most
    with nullcontext() if is_one_too_many else line.held():
        return await _admit(request, handler, provider, is_one_too_many=is_one_too_many)


async def _admit(
    request: web.Request, handler: Handler, provider: Provider, *, is_one_too_many: bool
) -> web.StreamResponse:
    backstage = request.app[BACKSTAGE]
    opens_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    body = await _body(request)
    backstage.log.add(
        provider,
        "connect" if opens_socket else "request",
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        body=body,
    )
    if not has_key(request, provider, backstage.config):
        return vendor_error(provider, 401, "Authenticate: no key, or not the right one, was sent.")
    if is_one_too_many:
        return vendor_error(provider, 429, "Too many connections at once: this was asked for.")
    await asyncio.sleep(_latency_ms(backstage, provider) / 1000)
    if opens_socket:
        return await _open_socket(request, handler, provider)
    return await _answer(request, handler, provider, body)


async def _open_socket(
    request: web.Request, handler: Handler, provider: Provider
) -> web.StreamResponse:
    """What is wrong with its messages is up to the handler."""
    faults = request.app[BACKSTAGE].faults
    trouble = faults.of(provider)
    if trouble is not None and trouble.fault in REFUSALS:
        struck = faults.strike(provider, object(), model=request.query.get("model", ""))
        if struck is not None:
            return _refused(provider, struck)
    return await handler(request)


async def _answer(
    request: web.Request, handler: Handler, provider: Provider, body: object
) -> web.StreamResponse:
    faults = request.app[BACKSTAGE].faults
    asked: Mapping[object, object] = body if isinstance(body, Mapping) else {}
    trouble = faults.strike(provider, object(), model=_model(asked), voice=voice_of(asked))
    if trouble is None:
        return await handler(request)
    if trouble.fault in REFUSALS:
        return _refused(provider, trouble)
    match trouble.fault:
        case Fault.SLOW:
            await asyncio.sleep(trouble.ms / 1000)
            return await handler(request)
        case Fault.DROP:
            request[DROP] = trouble
            response = await handler(request)
            return response if response.prepared else await cut_in_the_middle(request, response)
        case Fault.GARBAGE:
            streams = bool(asked.get("stream")) or request.path.endswith("/sse")
            return senseless_answer(as_events=streams)
        case Fault.SILENT:
            await asyncio.sleep(SILENT_SECONDS)
    return vendor_error(provider, 500, "Internal error: this fault was asked for.")


def _refused(provider: Provider, trouble: Trouble) -> web.Response:
    status, reason = REFUSALS[trouble.fault]
    return vendor_error(provider, status, f"{reason}: this fault was asked for.")


def provider_of(path: str) -> Provider | None:
    for prefix, provider in _PROVIDER_BY_PATH.items():
        if path.startswith(prefix):
            return provider
    return None


def _model(asked: Mapping[object, object]) -> str:
    return str(asked.get("model") or asked.get("model_id") or "")


def voice_of(asked: Mapping[object, object]) -> str:
    """The voice that a request to speak names, by its id."""
    voice = asked.get("voice")
    return str(voice.get("id") or "") if isinstance(voice, Mapping) else ""


def _latency_ms(backstage: Backstage, provider: Provider) -> float:
    latency = backstage.latency
    return {
        Provider.STT: latency.stt_connect_ms,
        Provider.TTS: latency.tts_connect_ms,
        Provider.LLM: 0.0,
        Provider.TWILIO: latency.twilio_ms,
        Provider.SUPABASE: latency.supabase_ms,
    }[provider]


async def _body(request: web.Request) -> object:
    if not request.can_read_body:
        return None
    if request.content_type in _FORMS:
        return await _form(request)
    text = await request.text()
    try:
        body: object = json.loads(text)
    except ValueError:
        return text
    return body


async def _form(request: web.Request) -> object:
    """A file is logged by its name: what callers and clips say has no place in a log."""
    try:
        fields = await request.post()
    except ValueError:
        return None  # no form at all; who answers the request says so
    return {
        name: value.filename if isinstance(value, web.FileField) else str(value)
        for name, value in fields.items()
    }
