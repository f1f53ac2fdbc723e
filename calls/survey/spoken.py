"""The survey at the end of a call: one question, one answer by voice or key, and no model."""

import asyncio
import logging
import time
from enum import Enum
from typing import TYPE_CHECKING

from django.utils import timezone

from calls.call_log import call_log
from calls.happenings import SurveyAnswered, SurveyAsked
from calls.interruption import interrupted_before
from calls.models import SurveyChannel
from calls.survey.remarks import Said, reading_of
from calls.survey.words import spoken_question
from catalog.snapshot import AgentSpec
from catalog.surveys import SurveyBy

if TYPE_CHECKING:
    from calls.line import CallLine
    from calls.pipeline.agent import Agent

logger = logging.getLogger(__name__)

QUESTION_SECONDS = 12.0  # how long the question may take to be spoken
ANSWER_SECONDS = 8.0  # from its end, or from when the caller began to speak
LAST_WORDS_SECONDS = 2.5  # from when they paused: their words are still being written
LOOK_SECONDS = 0.25
MOST_SECONDS = 45.0  # a noisy line sounds like somebody who goes on speaking
KEYS = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}


class Outcome(Enum):
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    GOES_ON = "goes on"  # the caller wants something else: there is no goodbye yet


class SpokenSurvey:
    """Of one call: asked once at most, and only of somebody who has said something."""

    def __init__(self, spec: AgentSpec) -> None:
        self._by_voice = spec.survey is SurveyBy.SPOKEN
        self._own_question = spec.survey_question
        self._language = spec.language
        self._asked = False
        self._reply: asyncio.Future[tuple[Said, int | None]] | None = None

    def is_due(self, line: "CallLine") -> bool:
        return self._by_voice and not self._asked and line.transcript.caller_has_spoken

    def key_pressed(self, digit: str) -> None:
        """Keys mean nothing but here."""
        if digit in KEYS:
            self._replied(Said.SCORE, KEYS[digit])

    async def ask(self, agent: "Agent", line: "CallLine") -> Outcome:
        """Until they have answered, or will not. No reply of the model begins meanwhile."""
        self._asked = True
        self._reply = asyncio.get_running_loop().create_future()
        line.transcript.on_caller_said = self._heard
        agent.gate.close()
        try:
            outcome = await self._question_and_answer(agent, line, self._reply)
        finally:
            self._reply = None
            line.transcript.on_caller_said = lambda text: None
        if outcome is Outcome.GOES_ON:
            line.tools.leaving = False
            await agent.gate.open()
        else:
            agent.gate.open_at_the_next_turn()
        return outcome

    async def _question_and_answer(
        self, agent: "Agent", line: "CallLine", reply: "asyncio.Future[tuple[Said, int | None]]"
    ) -> Outcome:
        question = spoken_question(self._own_question, self._language)
        spoken = await agent.say_and_mark(question)
        cut_off = await interrupted_before(line, spoken, QUESTION_SECONDS)
        if spoken.done():
            await line.playout.heard(spoken.result())
        elif not cut_off:
            logger.warning("Call %s: the survey's question was not spoken.", line.call_sid)
            return Outcome.UNANSWERED
        call_log.post(SurveyAsked(line.call_sid, SurveyChannel.SPOKEN, timezone.now()))
        line.milestone("survey asked")
        await _wait_for(reply, line)
        if not reply.done():
            return Outcome.UNANSWERED
        said, score = reply.result()
        if score is None:
            return Outcome.GOES_ON if said is Said.GOES_ON else Outcome.UNANSWERED
        call_log.post(SurveyAnswered(line.call_sid, score, timezone.now()))
        line.milestone("survey answered", str(score))
        return Outcome.ANSWERED

    def _heard(self, text: str) -> None:
        said, score = reading_of(text, self._language)
        if said is not Said.THINKING:
            self._replied(said, score)

    def _replied(self, said: Said, score: int | None) -> None:
        """The first word on it stands."""
        if self._reply is not None and not self._reply.done():
            self._reply.set_result((said, score))


async def _wait_for(reply: "asyncio.Future[tuple[Said, int | None]]", line: "CallLine") -> None:
    """Until there is one, or nothing has come for long enough from somebody who is silent."""
    began = time.monotonic()
    until = began + ANSWER_SECONDS
    while not reply.done():
        line.tools.leaving = True  # An interruption took it back: a slow tool's result would speak.
        now = time.monotonic()
        if line.transcript.caller_speaks:
            until = max(until, now + LAST_WORDS_SECONDS)
        if now >= min(until, began + MOST_SECONDS):
            return
        if await interrupted_before(line, reply, min(until - now, LOOK_SECONDS)):
            until = max(until, time.monotonic() + ANSWER_SECONDS)
