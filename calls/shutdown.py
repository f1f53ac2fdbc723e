"""From the signal to the exit: no new calls, running calls to their end, the last words written."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable

from django.conf import settings

from calls import warmup
from calls.call_log import call_log
from calls.daphne_server import QuietServer, event_loop
from calls.drain import drain
from calls.live import live_calls
from calls.models import EndedBy
from calls.pending_streams import pending_streams
from calls.tickets import tickets

LOOK_SECONDS = 0.1
GOODBYE_SECONDS = 9.0  # the longest goodbye that ships has 8.5 s
HANG_UP_SECONDS = 2.0  # for calls that have not ended by then
# Twilio tells of the end of a call, and asks what comes next: that is answered here as well.
CALLBACK_SECONDS = 1.0
REQUEST_SECONDS = 5.0
WRITE_SECONDS = 2.0  # what is not in the database by then is in the journal
# After the second signal nothing may hold up the end, not even a thread that hangs.
PATIENCE_SECONDS = 14.0

logger = logging.getLogger(__name__)


class Shutdown:
    """What SIGTERM and SIGINT do: the first drains, the second has everybody say goodbye."""

    def __init__(self, server: QuietServer, say: Callable[[str], object]) -> None:
        self._server = server
        self._say = say
        self._running: asyncio.Task[None] | None = None
        self._hurried = False

    def listen(self) -> None:
        """From now on, in the thread that runs the server."""
        for number in (signal.SIGTERM, signal.SIGINT):
            event_loop().add_signal_handler(number, self.asked)

    def asked(self) -> None:
        if self._running is None:
            drain.begin(settings.DRAIN_TIMEOUT)
            if _somebody_is_served():
                self._say(
                    f"Stopping. Calls on the line: {len(live_calls)}; they may go on for "
                    f"{settings.DRAIN_TIMEOUT:g} s. A second signal ends them."
                )
            self._running = asyncio.ensure_future(self._run())
        elif not self._hurried:
            self._hurried = True
            drain.hurry()
            last = threading.Timer(PATIENCE_SECONDS, os._exit, (0,))
            last.daemon = True
            last.start()

    async def _run(self) -> None:
        try:
            await self._end_calls()
            await self._server.stop_listening()
            await self._server.requests_done(REQUEST_SECONDS)
            await asyncio.to_thread(warmup.stop)
            await asyncio.to_thread(call_log.flush, WRITE_SECONDS)
        except Exception:  # A root: whatever went wrong, the process has to end.
            logger.exception("The server did not end as it should.")
        finally:
            self._server.stop()

    async def _end_calls(self) -> None:
        if not _somebody_is_served():
            return
        # Tickets run out without a word, so it has to be looked at.
        while _somebody_is_served() and drain.seconds_left:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
        drain.end()
        await live_calls.ended(GOODBYE_SECONDS)
        await asyncio.sleep(CALLBACK_SECONDS)
        live_calls.end_all(EndedBy.DRAIN)  # whom no goodbye has ended, and who began meanwhile
        await live_calls.ended(HANG_UP_SECONDS)


def _somebody_is_served() -> bool:
    """A call is on the line, or on its way to here."""
    return bool(len(live_calls) or len(pending_streams) or tickets.expects())
