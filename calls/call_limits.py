"""What ends a call that would go on for ever: its time, its cost, and silence.

Twilio is told the longest time as well, in case this process is gone by then. And a server that
stops ends every call.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _

from calls.call_cost import cost_so_far
from calls.drain import drain
from calls.hang_up import update_call
from calls.interruption import interrupted_before
from calls.line import CallLine
from calls.models import EndedBy
from calls.never_silent import say_goodbye
from catalog.snapshot import AgentSpec

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent

TWILIO_GRACE_SECONDS = 60  # for the goodbye, and for what lies before the stream
COST_LOOK_SECONDS = 2.0
SILENCE_LOOK_SECONDS = 0.5
GOODBYE_SECONDS = 20.0
LEAVING_SECONDS = 4.0  # for last words that are being said when the server stops


def duties(
    agent: "Agent", line: CallLine, spec: AgentSpec
) -> tuple[Coroutine[Any, Any, None], ...]:
    """To be done side by side while the call goes on."""
    return (
        tell_twilio_the_limit(line, spec),
        end_at_the_limit(line, spec),
        end_at_the_cost(line, spec),
        end_the_silence(agent, line, spec),
        end_with_the_server(line, spec),
    )


async def tell_twilio_the_limit(line: CallLine, spec: AgentSpec) -> None:
    """Beside the call: nobody waits for it, and the local timer does not depend on it."""
    limit = spec.max_call_seconds + TWILIO_GRACE_SECONDS
    if not await update_call(line.call_sid, {"time_limit": str(limit)}):
        line.milestone("time limit not told")


async def end_at_the_limit(line: CallLine, spec: AgentSpec) -> None:
    await asyncio.sleep(max(0.0, spec.max_call_seconds - line.clock.ms() / 1000.0))
    line.milestone("longest call reached")
    await say_goodbye(line, spec)
    line.end(EndedBy.TIMEOUT)


async def end_at_the_cost(line: CallLine, spec: AgentSpec) -> None:
    """The agent's limit, in the currency of the prices. Without prices nothing costs anything."""
    if spec.most_cost is None:
        return
    while True:
        if cost_so_far(line.usage, line.clock.ms() / 1000.0) >= spec.most_cost:
            break
        await asyncio.sleep(COST_LOOK_SECONDS)
    line.milestone("cost limit reached")
    await say_goodbye(line, spec)
    line.end(EndedBy.TIMEOUT)


async def end_with_the_server(line: CallLine, spec: AgentSpec) -> None:
    """Its time to let calls go on is over."""
    await drain.ended()
    line.milestone("server stops")
    if line.is_leaving or line.failed_provider.is_set():
        await asyncio.sleep(LEAVING_SECONDS)
    await say_goodbye(line, spec)
    line.end(EndedBy.DRAIN)


async def end_the_silence(agent: "Agent", line: CallLine, spec: AgentSpec) -> None:
    """Ask twice whether somebody is there, then say goodbye.

    Not Pipecat's idle timer: it begins when its own output stops, and knows nothing of a greeting
    from memory or of what still lies in Twilio's buffer.
    """
    if spec.silence_seconds is None:
        return
    await line.ready.wait()
    asked, words = 0, line.transcript.caller_turns
    while True:
        await asyncio.sleep(SILENCE_LOOK_SECONDS)
        if line.transcript.caller_turns != words:
            asked, words = 0, line.transcript.caller_turns
        if _somebody_is_busy(line) or time.monotonic() < _quiet_since(line) + spec.silence_seconds:
            continue
        if asked == len(_questions()):
            if await _say(agent, line, _nobody_there(line.language)):
                break
            asked = 0  # Somebody is there after all.
            continue
        asked += 1
        line.milestone("caller silent", str(asked))
        await _say(agent, line, _questions(line.language)[asked - 1])
    line.end(EndedBy.TIMEOUT)


async def _say(agent: "Agent", line: CallLine, text: str) -> bool:
    """And wait until it was heard, or does not come. False when the caller interrupts."""
    spoken = await agent.say_and_mark(text)
    if await interrupted_before(line, spoken, GOODBYE_SECONDS):
        return False
    return not spoken.done() or await line.playout.heard(spoken.result())


def _questions(language: str = "en") -> tuple[str, str]:
    with translation.override(language):
        return (
            _("Are you still there?"),
            _("I cannot hear you. If you are there, please say something."),
        )


def _nobody_there(language: str) -> str:
    with translation.override(language):
        return _("I cannot hear anybody, so I am hanging up. Please call again. Goodbye.")


def _quiet_since(line: CallLine) -> float:
    """Since when nobody says a word, monotonic seconds; it lies ahead while we speak."""
    return max(line.playout.played_until, line.transcript.last_words_at)


def _somebody_is_busy(line: CallLine) -> bool:
    """The caller speaks, an answer is on its way, or the call is about to end."""
    return (
        line.transcript.caller_speaks
        or line.reply_wait.is_on
        or line.reply_wait.tool_runs
        or line.is_leaving
        or line.failed_provider.is_set()
    )
