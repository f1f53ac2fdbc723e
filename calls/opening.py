"""How a call opens: what is played first, by the hour, and what if the clip is missing."""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings

from calls.greeting import GreetingPlayback
from calls.line import CallLine
from calls.models import EndedBy
from calls.recording.announcement import announce
from calls.recording.recorder import Recorder
from catalog.snapshot import AgentSpec, ClipAudio, GreetingPolicy, OutOfHours
from catalog.spoken_fallbacks import Moment

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent

logger = logging.getLogger(__name__)


class Opening(StrEnum):
    """Who says the first words, and which way they take."""

    CLIP = "clip"  # from memory, straight to the socket
    CLIP_THROUGH_PIPELINE = "clip through pipeline"
    SPOKEN_TEXT = "spoken text"  # no clip: the agent's voice says the greeting's text
    MODEL = "model"  # no greeting at all: the model opens


@dataclass(frozen=True, slots=True)
class FirstWords:
    """The clip a call opens with, if there is one, and whether the call ends with it as well."""

    clip: ClipAudio | None
    end_call: bool = False


def first_words(agent: AgentSpec, now: datetime) -> FirstWords:
    """By the business hours. `now` is in the agent's time zone."""
    if agent.out_of_hours_clip is None or agent.is_open(now):
        return FirstWords(agent.greeting_clip)
    return FirstWords(agent.out_of_hours_clip, agent.out_of_hours is OutOfHours.HANG_UP)


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a call begins. `closed`: outside the business hours."""

    first: FirstWords
    opening: Opening
    closed: bool


def beginning_of(agent: AgentSpec, now: datetime) -> Beginning:
    """`now` is in the agent's time zone."""
    first = first_words(agent, now)
    opening = choose_opening(
        agent,
        first,
        audio_enabled=settings.GREETING_AUDIO_ENABLED,
        direct=settings.DIRECT_GREETING_INJECTION,
    )
    return Beginning(first, opening, closed=not agent.is_open(now))


def needs_the_agent(agent: AgentSpec) -> bool:
    """Whether a call that rings now is more than a clip and a hang-up."""
    return not first_words(agent, datetime.now(ZoneInfo(agent.time_zone))).end_call


def prepare_first_clips(
    line: CallLine, spec: AgentSpec, beginning: Beginning, recorder: Recorder | None
) -> None:
    if recorder is not None:
        line.announcement = announce(spec, recorder, line.playout)
    clip = beginning.first.clip
    if beginning.opening is Opening.CLIP and clip is not None:
        line.greeting = GreetingPlayback(clip, line.playout)
        line.greeting_protected = (
            beginning.first.end_call or spec.greeting_policy == GreetingPolicy.PROTECTED
        )


def choose_opening(
    agent: AgentSpec, first: FirstWords, *, audio_enabled: bool, direct: bool
) -> Opening:
    if not audio_enabled:
        return Opening.MODEL
    if first.clip is None:
        logger.error(
            "Agent %s has no greeting clip: its greeting text is spoken instead, later.",
            agent.agent_id,
        )
        return Opening.SPOKEN_TEXT if agent.greeting_text else Opening.MODEL
    return Opening.CLIP if direct or first.end_call else Opening.CLIP_THROUGH_PIPELINE


async def open_call(agent: "Agent", line: CallLine, spec: AgentSpec, beginning: Beginning) -> None:
    """Have the first words said, and let the caller's be answered after them."""
    first, opening = beginning.first, beginning.opening
    await hear_announcement(line)
    if line.greeting is not None:
        await hear_out(line, line.greeting)
        await agent.gate.open()
        if line.is_resumed:
            await go_on(agent, line, line.greeting)
        return
    await line.ready.wait()
    if opening is Opening.CLIP_THROUGH_PIPELINE and first.clip is not None:
        await agent.play_clip(first.clip)
    elif opening is Opening.SPOKEN_TEXT:
        await agent.say(spec.greeting_text)
    else:  # That answers what the caller said into the announcement, too.
        await agent.open_conversation()
        return
    if line.announcement is not None:
        await agent.gate.open()


async def go_on(agent: "Agent", line: CallLine, clip: GreetingPlayback) -> None:
    """The caller is back and has been told so: say again what they did not hear, if anything.

    Who spoke into the clip is answered as usual.
    """
    await line.ready.wait()
    if clip.clip.name == Moment.BACK and not clip.settle(interrupted=False).interrupted:
        await agent.go_on()


async def send_first_clips(line: CallLine) -> None:
    """In one burst, without a pipeline."""
    if settings.GREETING_PACING != "burst":
        return
    for clip in (line.announcement, line.greeting):
        if clip is not None:
            await clip.send()
            line.first_audio_was_sent()


def words_before_the_model(line: CallLine) -> str | None:
    """What was said to the caller, or is being said, when the model comes to it."""
    greeting = line.greeting
    if greeting is None:
        return with_announcement(line, "") or None
    heard = greeting.settle(interrupted=False).text if greeting.settled else greeting.clip.text
    return with_announcement(line, heard) or None


def with_announcement(line: CallLine, greeting: str) -> str:
    """Who was greeted has heard the announcement to its end."""
    if line.announcement is None:
        return greeting
    return f"{line.announcement.clip.text} {greeting}".strip()


async def hear_out(line: CallLine, greeting: GreetingPlayback) -> None:
    """Until the greeting is over, heard or interrupted."""
    line.settle_greeting(interrupted=not await _play(line, greeting))


async def hear_announcement(line: CallLine) -> None:
    """Until the caller knows that they are recorded, if they are."""
    if line.announcement is not None:
        line.settle_announcement(interrupted=not await _play(line, line.announcement))


async def _play(line: CallLine, clip: GreetingPlayback) -> bool:
    """Whether it was heard to its end."""
    if settings.GREETING_PACING == "realtime":
        line.first_audio_was_sent()
        await clip.send(realtime=True)
    return await clip.heard_whole()


async def leave_after(line: CallLine, greeting: GreetingPlayback) -> None:
    """Out of hours, and nobody to talk to: no pipeline is built for this call."""
    await hear_announcement(line)
    await hear_out(line, greeting)
    if not line.goodbye_stands:  # Else it was cut for a goodbye, which ends the call.
        line.end(EndedBy.AGENT)
