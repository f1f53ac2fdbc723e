"""Is anybody still at the other end of the line? A dead connection says nothing of it.

Daphne noticed a peer that had stopped after 49 s; 2,350 messages to it had "succeeded" meanwhile.
"""

import asyncio
import logging
from collections.abc import Callable

from calls.caller_stream import CallerStream
from calls.line import CallLine

logger = logging.getLogger(__name__)

# Twilio sends 50 messages a second, also while nobody speaks.
CHECK_SECONDS = 0.5
SUSPECT_CHECKS = 6  # 3 s
LOST_CHECKS = 10  # 5 s: what is shorter is a stall, and the call outlives it
UNANSWERED_SECONDS = 600.0  # of audio, and no mark of it came back: Twilio echoes each
KEEP_ALIVE_SECONDS = 15.0  # Proxies cut a connection on which the server says nothing, after 60 s


async def watch(line: CallLine, stream: CallerStream, lost: Callable[[], None]) -> None:
    """Until the line is lost: then this is told, once.

    Counted are checks and not seconds. After a stall of our own event loop, what came meanwhile is
    still to be read, and one check too few has been made instead of one too many.
    """
    silent_checks, heard = 0, -1
    while silent_checks < LOST_CHECKS and line.playout.unanswered_seconds < UNANSWERED_SECONDS:
        await asyncio.sleep(CHECK_SECONDS)
        silent_checks = silent_checks + 1 if stream.messages == heard else 0
        heard = stream.messages
        if silent_checks == SUSPECT_CHECKS:
            line.milestone("nothing from Twilio")
        if line.playout.idle_seconds >= KEEP_ALIVE_SECONDS:
            await line.playout.send_mark("alive")
    logger.warning("Call %s: nobody is at the other end of its stream.", line.call_sid)
    line.milestone("line lost")
    lost()
