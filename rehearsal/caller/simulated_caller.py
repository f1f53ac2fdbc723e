"""One call from the first ring to the last callback, as Twilio and a person make it together."""

import asyncio
import time
from pathlib import Path

from aiohttp import ClientSession

from rehearsal.caller.errors import CallFailed
from rehearsal.caller.observed import Ending
from rehearsal.caller.report import CallReport
from rehearsal.caller.rest_side import RestSide
from rehearsal.caller.script import CallScript
from rehearsal.caller.target import Target
from rehearsal.caller.telephone_call import TelephoneCall

AROUND_THE_STREAM_SECONDS = 60.0  # for the webhooks before and after it


class SimulatedCaller:
    """Calls a server. One object can make any number of calls, also at the same time."""

    def __init__(self, target: Target) -> None:
        self.target = target

    async def call(self, script: CallScript, output_dir: Path | None = None) -> CallReport:
        """Make one call. It never raises for what the server does: see the report's `failures`."""
        async with ClientSession() as http:
            call = TelephoneCall(http, self.target, script)
            began = time.monotonic()
            try:
                async with asyncio.timeout(script.limit_seconds + AROUND_THE_STREAM_SECONDS):
                    ending = await self._live(http, call)
            except TimeoutError:
                ending = call.broken_off("The call was not over long after its limit.")
        if output_dir is not None:
            await asyncio.to_thread(call.record, output_dir, ending)
        return call.report(ending, (time.monotonic() - began) * 1000)

    async def _live(self, http: ClientSession, call: TelephoneCall) -> Ending:
        try:
            async with RestSide(http, self.target.providers_url, call.call_sid) as rest:
                return await call.live(rest)
        except CallFailed as error:
            return call.broken_off(str(error))
