"""How a call ends when we end it: the last words heard, then the hang-up or the hand-over."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from calls import metrics
from calls.hang_up import hang_up
from calls.interruption import interrupted_before
from calls.line import CallLine
from calls.models import EndedBy
from calls.socket import Socket
from calls.survey.spoken import Outcome, SpokenSurvey
from calls.survey.words import goodbye_after

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent

logger = logging.getLogger(__name__)

GOODBYE_SECONDS = 20.0  # how long a goodbye may take to be spoken
HANG_UP_SECONDS = 5.0  # how long Twilio may take to close the stream once it was told to
# How long a caller who has heard the last words waits for Twilio's REST API, which takes a third of
# a second. The closed socket is another way to what comes next, and nobody hears nothing for 2 s.
TOLD_SECONDS = 1.4


async def leave_when_asked(
    agent: "Agent", line: CallLine, survey: SpokenSurvey | None = None
) -> None:
    """A tool asked to end the call or to hand it over: say the last words, and leave once they
    were heard.

    A caller who speaks meanwhile takes them back, and the conversation goes on.
    """
    while True:
        departure = await line.tools.departures.get()
        if departure.interruptions != line.tools.interruptions:
            continue  # The caller spoke before it was begun.
        last_words = departure.last_words
        if survey is not None and departure.hand_over_to is None and survey.is_due(line):
            outcome = await survey.ask(agent, line)
            if outcome is Outcome.GOES_ON:
                continue
            if outcome is Outcome.ANSWERED:
                last_words = goodbye_after(last_words, line.language)
        spoken = await agent.say_and_mark(last_words)
        if await interrupted_before(line, spoken, GOODBYE_SECONDS):
            continue
        if not spoken.done() or await line.playout.heard(spoken.result()):
            if departure.hand_over_to is None:
                line.end(EndedBy.AGENT)
            else:
                line.tools.handing_over = departure
                line.end(EndedBy.TRANSFER)
            return


async def put_down(call_sid: str, socket: Socket) -> None:
    """Have Twilio hang up, and close the socket.

    When Twilio cannot be told, the closed socket takes the call on to /stream-ended, which hangs
    up as well.
    """
    if await told_in_time(hang_up(call_sid), socket):
        await stream_is_closed(call_sid, socket)
    await socket.close()


async def told_in_time(telling: Awaitable[bool], socket: Socket) -> bool:
    """What `telling` returns, or False when the caller has waited long enough for it."""
    if socket.closed.is_set():
        return await telling  # There is no other way, and maybe nobody who waits.
    try:
        async with asyncio.timeout(TOLD_SECONDS):
            return await telling
    except TimeoutError:
        metrics.provider_errors.labels(provider="twilio").inc()
        logger.warning("Twilio's REST API did not answer in time: the socket is closed instead.")
        return False


async def stream_is_closed(call_sid: str, socket: Socket) -> bool:
    """Wait until Twilio has closed the stream, as it does once it was told what comes next."""
    try:
        async with asyncio.timeout(HANG_UP_SECONDS):
            await socket.closed.wait()
    except TimeoutError:
        logger.warning("Call %s: Twilio did not close the stream.", call_sid)
    return socket.closed.is_set()
