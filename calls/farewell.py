"""How a call ends when we end it: the last words heard, then the hang-up or the hand-over."""

import asyncio
import logging
from typing import TYPE_CHECKING

from calls.hang_up import hang_up
from calls.line import CallLine
from calls.models import EndedBy
from calls.playout import payload_bytes
from calls.socket import Socket
from catalog.snapshot import ClipAudio

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent

logger = logging.getLogger(__name__)

GOODBYE_SECONDS = 20.0  # how long a goodbye may take to be spoken
HANG_UP_SECONDS = 5.0  # how long Twilio may take to close the stream once it was told to


async def leave_when_asked(agent: "Agent", line: CallLine) -> None:
    """A tool asked to end the call or to hand it over: say the last words, and leave once they
    were heard.

    A caller who speaks meanwhile takes them back, and the conversation goes on.
    """
    while True:
        departure = await line.tools.departures.get()
        if departure.interruptions != line.tools.interruptions:
            continue  # The caller spoke before it was begun.
        spoken = await agent.say_and_mark(departure.last_words)
        if await line.interrupted_before(spoken, GOODBYE_SECONDS):
            continue
        if not spoken.done() or await line.playout.heard(spoken.result()):
            if departure.hand_over_to is None:
                line.end(EndedBy.AGENT)
            else:
                line.tools.handing_over = departure
                line.end(EndedBy.TRANSFER)
            return


async def apologise_when_broken(line: CallLine, apology: ClipAudio | None) -> None:
    """A provider is lost to this call: let the greeting end, apologise from memory, and end."""
    await line.failed_provider.wait()
    if line.greeting is not None:
        await line.greeting.heard_whole()
    if apology is not None:
        for payload in apology.payloads:
            await line.playout.send_payload(payload, payload_bytes(payload))
        await line.playout.drained()
    line.end(EndedBy.ERROR)


async def end_at_the_limit(line: CallLine, seconds: float) -> None:
    await asyncio.sleep(seconds)
    line.end(EndedBy.TIMEOUT)


async def put_down(call_sid: str, socket: Socket) -> None:
    """Have Twilio hang up, and close the socket.

    When Twilio cannot be told, the closed socket takes the call on to /stream-ended, which hangs
    up as well.
    """
    if await hang_up(call_sid):
        await stream_is_closed(call_sid, socket)
    await socket.close()


async def stream_is_closed(call_sid: str, socket: Socket) -> bool:
    """Wait until Twilio has closed the stream, as it does once it was told what comes next."""
    try:
        async with asyncio.timeout(HANG_UP_SECONDS):
            await socket.closed.wait()
    except TimeoutError:
        logger.warning("Call %s: Twilio did not close the stream.", call_sid)
    return socket.closed.is_set()
