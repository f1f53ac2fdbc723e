"""Was a key sent, in the way this vendor takes it? Which key hardly matters."""

import base64
import binascii

from aiohttp import web

from rehearsal.providers.config import ProvidersConfig
from rehearsal.providers.faults import Provider


def has_key(request: web.Request, provider: Provider, config: ProvidersConfig) -> bool:
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
            return _right_account(authorization, config)


def _right_account(authorization: str, config: ProvidersConfig) -> bool:
    scheme, _, encoded = authorization.partition(" ")
    try:
        sent = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    account_sid, _, auth_token = sent.partition(":")
    if scheme.lower() != "basic" or not account_sid or not auth_token:
        return False
    expected = (config.account_sid or account_sid, config.auth_token or auth_token)
    return (account_sid, auth_token) == expected
