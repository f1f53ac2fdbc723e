"""The callbacks that Twilio makes beside a call: how its stream fares, and that it ended.

Like Twilio, a call does not stop because a callback failed; what failed is kept in `troubles`.
"""

from collections.abc import Mapping

from aiohttp import ClientSession

from rehearsal.caller.errors import CallFailed
from rehearsal.caller.target import Target
from rehearsal.caller.twiml import StreamVerb
from rehearsal.caller.webhooks import (
    CallIdentity,
    StreamEvent,
    ended_form,
    post_signed,
    stream_form,
)

STATUS_PATH = "/call-status"


class Callbacks:
    """The callbacks of one call."""

    def __init__(
        self, http: ClientSession, target: Target, call: CallIdentity, stream_sid: str
    ) -> None:
        self.troubles: list[str] = []
        self._http = http
        self._target = target
        self._call = call
        self._stream_sid = stream_sid

    async def tell_stream(self, verb: StreamVerb, kind: str, error: str = "") -> None:
        """Tell the <Stream statusCallback>, when there is one."""
        if verb.status_callback_url:
            event = StreamEvent(kind, self._stream_sid, verb.name, error)
            await self._post(verb.status_callback_url, stream_form(self._call, event))

    async def tell_end(self, duration_seconds: float) -> None:
        """Tell the status callback of the number that the call is over."""
        url = self._target.public_url(STATUS_PATH)
        await self._post(url, ended_form(self._call, duration_seconds))

    async def _post(self, url: str, form: Mapping[str, str]) -> None:
        try:
            answer = await post_signed(self._http, self._target, url, form)
        except CallFailed as error:
            self.troubles.append(str(error))
        else:
            if answer.status >= 400:
                self.troubles.append(f"{url} answered {answer.status}.")
