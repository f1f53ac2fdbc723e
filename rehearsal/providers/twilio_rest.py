"""Twilio's REST API, as far as a call in progress is concerned."""

from email.utils import format_datetime

from aiohttp import web

from rehearsal.providers.backstage import BACKSTAGE
from rehearsal.providers.faults import Provider
from rehearsal.providers.twilio_calls import ENDED, TwilioCall
from rehearsal.providers.vendor_errors import vendor_error

PATH = "/2010-04-01/Accounts/{account_sid}/Calls/{call_sid}.json"
MOST_TWIML_CHARS = 4_000


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_get(PATH, fetch_call)
    router.add_post(PATH, update_call)


async def fetch_call(request: web.Request) -> web.Response:
    call = request.app[BACKSTAGE].calls.get(request.match_info["call_sid"])
    return _not_found(request) if call is None else _resource(request, call)


async def update_call(request: web.Request) -> web.Response:
    """End a call, or send it to other TwiML. One that is over is answered 20404."""
    calls = request.app[BACKSTAGE].calls
    call = calls.get(request.match_info["call_sid"])
    if call is None or call.is_over:
        return _not_found(request)
    form = await request.post()
    status, twiml = form.get("Status"), form.get("Twiml")
    if status is not None and status not in ENDED:
        return vendor_error(Provider.TWILIO, 400, "Status may be 'completed' or 'canceled'.")
    if not str(form.get("TimeLimit", "1")).isdigit():
        return vendor_error(Provider.TWILIO, 400, "TimeLimit is a number of seconds.")
    if status is None and twiml is None:
        if "TimeLimit" in form:
            return _resource(request, call)
        return vendor_error(Provider.TWILIO, 400, "Nothing to change was given.")
    if len(str(twiml or "")) > MOST_TWIML_CHARS:
        return vendor_error(Provider.TWILIO, 400, "Twiml may be 4,000 characters long.")
    await calls.update(
        call,
        status=None if status is None else str(status),
        twiml=None if twiml is None else str(twiml),
    )
    return _resource(request, call)


def _not_found(request: web.Request) -> web.Response:
    return vendor_error(
        Provider.TWILIO, 404, f"The requested resource {request.path} was not found"
    )


def _resource(request: web.Request, call: TwilioCall) -> web.Response:
    created = format_datetime(call.created_at)
    return web.json_response(
        {
            "sid": call.call_sid,
            "account_sid": request.match_info["account_sid"],
            "status": call.status,
            "direction": "inbound",
            "date_created": created,
            "date_updated": created,
            "start_time": created,
            "end_time": None,
            "duration": None,
            "price": None,
            "api_version": "2010-04-01",
            "uri": request.path,
        }
    )
