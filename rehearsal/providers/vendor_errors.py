"""Refusals in each vendor's own form."""

import uuid

from aiohttp import web

from rehearsal.providers.faults import Provider

TWILIO_CODES = {401: 20003, 404: 20404, 400: 20001, 429: 20429}
OPENAI_TYPES = {401: "invalid_request_error", 400: "invalid_request_error", 429: "requests"}
CARTESIA_CODES = {429: "concurrency_limited"}


def vendor_error(provider: Provider, status: int, message: str) -> web.Response:
    return web.json_response(_document(provider, status, message), status=status)


def cartesia_error(
    message: str, *, status: int = 500, title: str = "Error", context_id: str | None = None
) -> dict[str, object]:
    """The message over a socket. Cartesia leaves the context out where it knows none."""
    code = "internal_error" if status >= 500 else "invalid_request"
    document: dict[str, object] = {
        "type": "error",
        "done": True,
        "title": title,
        "message": message,
        "error_code": CARTESIA_CODES.get(status, code),
        "status_code": status,
        "doc_url": "https://docs.cartesia.ai",
        "request_id": str(uuid.uuid4()),
    }
    return document if context_id is None else {**document, "context_id": context_id}


def _document(provider: Provider, status: int, message: str) -> dict[str, object]:
    match provider:
        case Provider.LLM:
            kind = OPENAI_TYPES.get(status, "server_error")
            return {"error": {"message": message, "type": kind, "param": None, "code": None}}
        case Provider.TWILIO:
            code = TWILIO_CODES.get(status, 20500)
            more = f"https://www.twilio.com/docs/errors/{code}"
            return {"code": code, "message": message, "more_info": more, "status": status}
        case Provider.SUPABASE:
            return {"code": str(status), "message": message, "details": None, "hint": None}
        case _:
            return cartesia_error(message, status=status)
