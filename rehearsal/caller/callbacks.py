"""The callbacks that Twilio makes beside a call: how its stream fares, and that it ended.

Like Twilio, a call does not stop because a callback failed; what failed is kept in `troubles`.
"""

import asyncio
from collections.abc import Mapping

from aiohttp import ClientSession

from rehearsal.caller.conduct import TWILIO, Conduct
from rehearsal.caller.errors import CallFailed
from rehearsal.caller.target import Target
from rehearsal.caller.twiml import StreamVerb
from rehearsal.caller.webhooks import (
    CallIdentity,
    StreamEvent,
    post_signed,
    status_form,
    stream_form,
)

STATUS_PATH = "/call-status"


class Callbacks:
    """The callbacks of one call."""

    def __init__(self, http: ClientSession, target: Target, call: CallIdentity) -> None:
        self.troubles: list[str] = []
        self._http = http
        self._target = target
        self._call = call

    async def tell_stream(
        self, verb: StreamVerb, stream_sid: str, kind: str, error: str = ""
    ) -> None:
        """Tell the <Stream statusCallback>, when there is one."""
        if verb.status_callback_url:
            event = StreamEvent(kind, stream_sid, verb.name, error)
            await self._post(verb.status_callback_url, stream_form(self._call, event))

    async def tell_end(self, duration_seconds: float, conduct: Conduct = TWILIO) -> None:
        """Tell the status callback of the number that the call is over; late, if so wished."""
        await asyncio.sleep(conduct.status_delay_seconds)
        url = self._target.public_url(STATUS_PATH)
        for status in conduct.statuses:
            await self._post(url, status_form(self._call, status, duration_seconds))

    async def _post(self, url: str, form: Mapping[str, str]) -> None:
        try:
            answer = await post_signed(self._http, self._target, url, form)
        except CallFailed as error:
            self.troubles.append(str(error))
        else:
            if answer.status >= 400:
                self.troubles.append(f"{url} answered {answer.status}.")
