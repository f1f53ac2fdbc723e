"""Every way in which Supabase fails: what a server answers then, and rows that do not fit."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

PHONE, NAME = "+351200000011", "Ana-Maria Reis"
CUSTOMER = {"id": 1, "name": NAME, "phone": PHONE, "language": "pt", "status": "vip", "notes": ""}
TIMES = {"starts_at": "2031-12-01T10:00:00+00:00", "ends_at": "2031-12-01T10:30:00+00:00"}
APPOINTMENT = {"id": 1, "customer_id": 1, "calendar": "main", "reason": "", **TIMES}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def says(text: str, *, status: int = 200, kind: str = "application/json") -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type=kind)

    return answer


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60.0)
    raise AssertionError("nobody waits for so long")


async def drop(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def stop_half_way(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'[{"id": 1, "name"')
    assert request.transport is not None
    request.transport.abort()
    return response


async def trickle(request: web.Request) -> web.StreamResponse:
    """Each byte comes in time for a timeout between bytes."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(600):
        await response.write(b" ")
        await asyncio.sleep(0.1)
    return response


REFUSAL = {"message": "duplicate of Ana-Maria Reis +351200000011", "details": PHONE, "hint": None}
HTML = f"<html><body>Bad gateway for {NAME}</body></html>"
FAULTS: dict[str, Answer] = {
    "500": says(json.dumps({**REFUSAL, "code": "XX000"}), status=500),
    "500 without a word": says("", status=500),
    "502 as a page": says(HTML, status=502, kind="text/html"),
    "503 for ever": says(HTML, status=503, kind="text/html"),
    "401": says(json.dumps({"message": "Invalid API key", "hint": "…"}), status=401),
    "401, expired": says(json.dumps({**REFUSAL, "code": "PGRST303"}), status=401),
    "404, another server": says("404 page not found", status=404, kind="text/plain"),
    "429": says(json.dumps({"message": "Too many requests"}), status=429),
    "an error that is no object": says('["an", "error"]', status=500),
    "a page": says(HTML, kind="text/html"),
    "nothing": says(""),
    "nothing but space": says("  \n"),
    "null": says("null"),
    "deep nonsense": says("[" * 200_000),
    "no rows but an object": says(json.dumps(CUSTOMER)),
    "rows that are none": says(json.dumps([NAME, None, 7])),
    "a hang": hang,
    "a drop": drop,
    "half an answer": stop_half_way,
    "a trickle": trickle,
}
ODD: dict[str, dict[str, object]] = {
    "no name": {key: value for key, value in CUSTOMER.items() if key != "name"},
    "no key": {key: value for key, value in CUSTOMER.items() if key != "id"},
    "null for a name": {**CUSTOMER, "name": None},
    "half a character in a name": {**CUSTOMER, "name": "Ana \ud83d"},
    "a number for a name": {**CUSTOMER, "name": 17},
    "a list for a name": {**CUSTOMER, "name": [NAME]},
    "true for a key": {**CUSTOMER, "id": True},
    "a fraction for a key": {**CUSTOMER, "id": 1.5},
    "an object for notes": {**CUSTOMER, "notes": {"text": NAME}},
    "a number for a status": {**CUSTOMER, "status": 3},
}
ODD_APPOINTMENTS: dict[str, dict[str, object]] = {
    "no end": {key: value for key, value in APPOINTMENT.items() if key != "ends_at"},
    "a time without a zone": {**APPOINTMENT, "starts_at": "2031-12-01T10:00:00"},
    "a number for a time": {**APPOINTMENT, "starts_at": 5},
    "words for a time": {**APPOINTMENT, "ends_at": "tomorrow at ten"},
    "null for a time": {**APPOINTMENT, "ends_at": None},
    "null for a calendar": {**APPOINTMENT, "calendar": None},
}
