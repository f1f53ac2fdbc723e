"""What is done to the providers and the servers from outside."""

import json
import urllib.request
from dataclasses import replace

from aiohttp import ClientSession

from rehearsal.caller import CallIdentity, Target
from rehearsal.caller.webhooks import post_signed


def put(url: str, document: object) -> None:
    request = urllib.request.Request(url, data=json.dumps(document).encode(), method="PUT")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=5.0).close()


async def tell_status(target: Target, call_sid: str, status: str) -> None:
    """One status callback of Twilio's."""
    call = CallIdentity("+351910000000", "+351200000000", target.account_sid)
    call = replace(call, call_sid=call_sid)
    async with ClientSession() as http:
        answer = await post_signed(
            http, target, target.public_url("/call-status"), call.form(status)
        )
        assert answer.status < 400
