"""Twilio's Messages resource: takes what is sent, keeps it, and sends nothing to anybody."""

from dataclasses import asdict
from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

from rehearsal.providers.backstage import BACKSTAGE
from rehearsal.providers.faults import Provider
from rehearsal.providers.sent_messages import BadMessage, SentMessage, read_message
from rehearsal.providers.vendor_errors import vendor_error

PATH = "/2010-04-01/Accounts/{account_sid}/Messages.json"


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_post(PATH, send_message)
    router.add_get("/rehearsal/messages", read_messages)


async def send_message(request: web.Request) -> web.Response:
    form = {name: str(value) for name, value in (await request.post()).items()}
    try:
        message = read_message(form)
    except BadMessage as error:
        return vendor_error(Provider.TWILIO, 400, str(error))
    request.app[BACKSTAGE].messages.append(message)
    return web.json_response(_resource(request, message), status=201)


async def read_messages(request: web.Request) -> web.Response:
    """For tests and people: what was sent since the start, the oldest first."""
    return web.json_response([asdict(message) for message in request.app[BACKSTAGE].messages])


def _resource(request: web.Request, message: SentMessage) -> dict[str, object]:
    created = format_datetime(datetime.now(UTC))
    return {
        "sid": message.sid,
        "account_sid": request.match_info["account_sid"],
        "status": "queued",
        "direction": "outbound-api",
        "from": message.sender,
        "to": message.to,
        "body": message.text,
        "num_segments": "1",
        "num_media": "0",
        "error_code": None,
        "error_message": None,
        "messaging_service_sid": None,
        "price": None,
        "price_unit": None,
        "date_created": created,
        "date_updated": created,
        "date_sent": None,
        "api_version": "2010-04-01",
        "uri": request.path,
        "subresource_uris": {},
    }
