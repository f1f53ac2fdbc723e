"""/rehearsal/...: what the simulated caller and the tests tell the stand-ins, and ask them."""

import json
from dataclasses import asdict

from aiohttp import web
from aiohttp.typedefs import Handler

from rehearsal.providers.backstage import BACKSTAGE
from rehearsal.providers.errors import ProvidersError
from rehearsal.providers.fault_parsing import parse_faults
from rehearsal.providers.latency import parse_latency
from rehearsal.providers.openai_chunks import MODEL
from rehearsal.providers.twilio_calls import ENDED, TwilioCall

MAX_WAIT_SECONDS = 60.0
KNOWN_STATUSES = ("queued", "ringing", "in-progress", *sorted(ENDED))


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get("/rehearsal/health", health)
    router.add_get("/rehearsal/open", tell_open)
    router.add_delete("/rehearsal/open", count_anew)
    router.add_post("/rehearsal/reset", reset)
    router.add_get("/rehearsal/log", read_log)
    router.add_delete("/rehearsal/log", clear_log)
    router.add_put("/rehearsal/latency", set_latency)
    router.add_put("/rehearsal/faults", set_faults)
    router.add_put("/rehearsal/model", set_model)
    router.add_put("/rehearsal/tables/{table}", load_table)
    router.add_put("/rehearsal/calls/{call_sid}", set_call_status)
    router.add_get("/rehearsal/calls/{call_sid}", watch_call)


async def health(request: web.Request) -> web.Response:
    backstage = request.app[BACKSTAGE]
    return web.json_response(
        {
            "ready": True,
            "ears": backstage.ears.name,
            "voice": backstage.speaker.name,
            "model": MODEL,
            "gullible": backstage.gullible,
            "note": "Stand-ins for a rehearsal. The model is a script; nothing here is an AI.",
            "latency": asdict(backstage.latency),
            "faults": backstage.faults.document(),
        }
    )


async def tell_open(request: web.Request) -> web.Response:
    """For each provider what is open, the most at once, and how fast connections came."""
    return web.json_response(request.app[BACKSTAGE].traffic.document())


async def count_anew(request: web.Request) -> web.Response:
    request.app[BACKSTAGE].traffic.count_anew()
    return web.json_response({})


async def reset(request: web.Request) -> web.Response:
    request.app[BACKSTAGE].reset()
    return web.json_response({})


async def read_log(request: web.Request) -> web.Response:
    entries = request.app[BACKSTAGE].log.entries(
        request.query.get("provider"), request.query.get("kind")
    )
    return web.json_response([entry.document() for entry in entries])


async def clear_log(request: web.Request) -> web.Response:
    request.app[BACKSTAGE].log.clear()
    return web.json_response({})


async def set_latency(request: web.Request) -> web.Response:
    latency = parse_latency(await _document(request))
    request.app[BACKSTAGE].latency = latency
    return web.json_response(asdict(latency))


async def set_faults(request: web.Request) -> web.Response:
    faults = parse_faults(await _document(request))
    request.app[BACKSTAGE].faults = faults
    return web.json_response(faults.document())


async def set_model(request: web.Request) -> web.Response:
    """Whether the model obeys whatever order it finds, or is the receptionist."""
    document = await _document(request)
    gullible = document.get("gullible") if isinstance(document, dict) else None
    if not isinstance(gullible, bool):
        raise ProvidersError('The model is chosen by {"gullible": true} or {"gullible": false}.')
    request.app[BACKSTAGE].gullible = gullible
    return web.json_response({"gullible": gullible})


async def load_table(request: web.Request) -> web.Response:
    rows = await _document(request)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ProvidersError("A table is a JSON list of objects.")
    request.app[BACKSTAGE].tables.load(request.match_info["table"], rows)
    return web.json_response({"rows": len(rows)})


async def set_call_status(request: web.Request) -> web.Response:
    document = await _document(request)
    status = document.get("status") if isinstance(document, dict) else None
    if status not in KNOWN_STATUSES:
        raise ProvidersError(f"A call's status is one of: {', '.join(KNOWN_STATUSES)}.")
    call = await request.app[BACKSTAGE].calls.set_status(request.match_info["call_sid"], status)
    return _call_document(call)


async def watch_call(request: web.Request) -> web.Response:
    """A long poll: answers once the status is not `known` any more, or an update has come."""
    calls = request.app[BACKSTAGE].calls
    call = calls.get(request.match_info["call_sid"])
    if call is None:
        return web.json_response({"error": "No such call was registered."}, status=404)
    try:
        wait_seconds = float(request.query.get("wait_seconds", "0"))
        updates_seen = int(request.query.get("updates_seen", "0"))
    except ValueError:
        raise ProvidersError("wait_seconds and updates_seen are numbers.") from None
    await calls.wait_for_change(
        call,
        known=request.query.get("known", call.status),
        updates_seen=updates_seen,
        wait_seconds=max(0.0, min(wait_seconds, MAX_WAIT_SECONDS)),
    )
    return _call_document(call)


@web.middleware
async def explain_nonsense(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ProvidersError as error:
        return web.json_response({"error": str(error)}, status=400)


async def _document(request: web.Request) -> object:
    try:
        document: object = json.loads(await request.text())
    except ValueError:
        raise ProvidersError("The body is not JSON.") from None
    return document


def _call_document(call: TwilioCall) -> web.Response:
    return web.json_response(
        {
            "status": call.status,
            "twiml": call.twiml,
            "updates": [asdict(update) for update in call.updates],
        }
    )
