"""What every request passes before a stand-in answers: the log, the key, faults and latency."""

import asyncio
import base64
import binascii
import json

from aiohttp import web
from aiohttp.typedefs import Handler

from rehearsal.providers.backstage import BACKSTAGE, Backstage
from rehearsal.providers.faults import Fault, Provider
from rehearsal.providers.vendor_errors import vendor_error

SILENT_SECONDS = 120.0

_PROVIDER_BY_PATH = {
    "/v1/": Provider.LLM,
    "/stt": Provider.STT,
    "/tts/": Provider.TTS,
    "/2010-04-01/": Provider.TWILIO,
    "/rest/v1/": Provider.SUPABASE,
}
_REFUSALS = {
    Fault.REFUSE: (503, "Service unavailable"),
    Fault.UNAUTHORIZED: (401, "Unauthorized"),
    Fault.LIMITED: (429, "Too many requests"),
}
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    provider = provider_of(request.path)
    if provider is None:
        return await handler(request)
    backstage = request.app[BACKSTAGE]
    opens_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    backstage.log.add(
        provider,
        "connect" if opens_socket else "request",
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        body=await _body(request),
    )
    if not _has_key(request, provider, backstage):
        return vendor_error(provider, 401, "Authenticate: no key, or not the right one, was sent.")
    await asyncio.sleep(_latency_ms(backstage, provider) / 1000)
    fault = backstage.faults.of(provider)
    if fault in _REFUSALS:
        status, reason = _REFUSALS[fault]
        return vendor_error(provider, status, f"{reason}: this fault was asked for.")
    if fault is not None and not opens_socket:
        if fault is Fault.SILENT:
            await asyncio.sleep(SILENT_SECONDS)
        return vendor_error(provider, 500, "Internal error: this fault was asked for.")
    return await handler(request)


def provider_of(path: str) -> Provider | None:
    for prefix, provider in _PROVIDER_BY_PATH.items():
        if path.startswith(prefix):
            return provider
    return None


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


def _has_key(request: web.Request, provider: Provider, backstage: Backstage) -> bool:
    headers = request.headers
    authorization = headers.get("Authorization", "")
    match provider:
        case Provider.LLM:
            return len(authorization.removeprefix("Bearer ").strip()) > 0
        case Provider.STT | Provider.TTS:
            asked = request.query.get("api_key") or request.query.get("access_token")
            return bool(headers.get("X-API-Key") or authorization or asked)
        case Provider.SUPABASE:
            return bool(headers.get("apikey") or request.query.get("apikey"))
        case Provider.TWILIO:
            return _right_account(authorization, backstage)


def _right_account(authorization: str, backstage: Backstage) -> bool:
    scheme, _, encoded = authorization.partition(" ")
    try:
        sent = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    account_sid, _, auth_token = sent.partition(":")
    config = backstage.config
    if scheme.lower() != "basic" or not account_sid or not auth_token:
        return False
    expected = (config.account_sid or account_sid, config.auth_token or auth_token)
    return (account_sid, auth_token) == expected
