"""What the caller hears when the conversation does not come: from memory, without any provider."""

import asyncio
import logging

from django.utils import translation
from django.utils.translation import gettext as _

from calls.greeting import GreetingPlayback
from calls.line import CallLine
from calls.models import EndedBy
from calls.session_tools import Departure
from catalog.snapshot import AgentSpec, ClipAudio
from catalog.spoken_fallbacks import Moment, fallback
from catalog.tools.context import TransferTarget

logger = logging.getLogger(__name__)

READY_SECONDS = 8.0  # from the end of the greeting
APOLOGY_SECONDS = 40.0  # with the rest of the greeting before it


async def bridge_until_ready(line: CallLine) -> None:
    """The greeting was heard and nobody listens yet: say that it takes a moment, not for ever."""
    if line.greeting is not None:
        await line.greeting.heard_whole()
    if line.ready.is_set():
        return
    with line.one_moment.while_waiting():
        try:
            async with asyncio.timeout(READY_SECONDS):
                await line.ready.wait()
        except TimeoutError:
            line.provider_failed("pipeline", "not ready in time", for_good=True)


async def apologise_when_broken(line: CallLine, spec: AgentSpec) -> None:
    """A provider is lost to this call: let the greeting end, apologise, and hand the caller over to
    a person if there is one who works now.
    """
    await line.failed_provider.wait()
    await apologise(line, spec)


async def apologise(line: CallLine, spec: AgentSpec) -> None:
    """Needs no pipeline. The call ends with it, whatever the caller says meanwhile."""
    if line.announcement is not None:
        line.settle_announcement(interrupted=not await line.announcement.heard_whole())
    if line.greeting is not None:
        line.settle_greeting(interrupted=not await line.greeting.heard_whole())
    line.goodbye_stands = True
    line.reply_wait.is_over()
    person = person_to_ask(line, spec)
    if person is None:
        await say_from_memory(line, spec.apology_clip or fallback(Moment.APOLOGY, spec.language))
    else:
        await say_from_memory(line, fallback(Moment.COLLEAGUE, spec.language))
        with translation.override(spec.language):
            why = _("The assistant could not go on with this call.")
        line.tools.handing_over = Departure("", line.interruptions, person, why)
    line.end(EndedBy.ERROR)


async def apologise_in_time(line: CallLine, spec: AgentSpec) -> None:
    """A fault of our own has ended the conversation: who is still there is told. Never raises."""
    if line.off.is_set():
        return
    saying = asyncio.create_task(apologise(line, spec), name="apologise")
    leaving = asyncio.create_task(line.off.wait(), name="until the caller leaves")
    try:
        await asyncio.wait(
            {saying, leaving}, timeout=APOLOGY_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        saying.cancel()
        leaving.cancel()
    failure, _left = await asyncio.gather(saying, leaving, return_exceptions=True)
    if isinstance(failure, Exception):
        logger.error("Call %s: no apology either.", line.call_sid, exc_info=failure)


def person_to_ask(line: CallLine, spec: AgentSpec) -> TransferTarget | None:
    """Who takes the call when the agent cannot: the usual person, within business hours."""
    targets = spec.transfer_targets
    return targets[0] if targets and spec.is_open(line.tools.now()) else None


async def say_goodbye(line: CallLine, spec: AgentSpec) -> None:
    """The call has to end: say so, whatever else is being said, and to the end."""
    line.goodbye_stands = True
    await line.playout.clear()
    await say_from_memory(line, fallback(Moment.GOODBYE, spec.language))


async def say_from_memory(line: CallLine, clip: ClipAudio) -> None:
    """Last words: to their end, or until the caller interrupts. What was heard is in the record."""
    line.pipeline_is_muted = True
    line.one_moment.stop()
    began_ms = line.clock.ms() + line.playout.lead_seconds * 1000.0
    playback = GreetingPlayback(clip, line.playout)
    await playback.send()
    whole = await playback.heard_whole()
    line.clip_was_heard(playback.settle(interrupted=not whole), began_ms)
