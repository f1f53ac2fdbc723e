"""How long the question at the end of a call waits, and for what."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from calls.happenings import Milestone, SurveyAnswered, SurveyAsked
from calls.line import CallLine
from calls.playout import PlayMark, Playout
from calls.session_tools import SessionTools
from calls.survey import spoken
from calls.survey.spoken import Outcome, SpokenSurvey
from calls.timing import CallClock, Timings
from catalog.surveys import SurveyBy
from tests.calls.conftest import PostedHappenings
from tests.calls.samples import CALL_SID, STREAM_SID, agent

SPEC = agent(survey=SurveyBy.SPOKEN)
LONG_SECONDS = 5.0


class FakeAgent:
    """Its words are heard at once, unless it is mute; it is its own gate."""

    def __init__(self, line: CallLine) -> None:
        self._line = line
        self.gate = self
        self.mute = False
        self.said: list[str] = []
        self.gate_states: list[str] = []

    async def say_and_mark(self, text: str) -> "asyncio.Future[PlayMark]":
        self.said.append(text)
        sent: asyncio.Future[PlayMark] = asyncio.get_running_loop().create_future()
        if not self.mute:
            mark = await self._line.playout.send_mark("spoken")
            self._line.playout.mark_echoed(mark.name)
            sent.set_result(mark)
        return sent

    def close(self) -> None:
        self.gate_states.append("closed")

    def open_at_the_next_turn(self) -> None:
        self.gate_states.append("opens at the next turn")

    async def open(self) -> None:
        self.gate_states.append("open")


class Asking:
    def __init__(self) -> None:
        playout = Playout(STREAM_SID, self._send_text)
        tools = SessionTools(SPEC, None)
        self.line = CallLine(CALL_SID, playout, CallClock(), Timings(), tools)
        self.agent = FakeAgent(self.line)
        self.survey = SpokenSurvey(SPEC)
        self.line.caller_said("Goodbye.")

    async def _send_text(self, text: str) -> None:
        pass

    def begin(self) -> "asyncio.Task[Outcome]":
        return asyncio.create_task(self.survey.ask(self.agent, self.line))  # type: ignore[arg-type]

    async def speak(self, text: str, seconds: float = 0.0) -> None:
        await self.line.interrupted()
        self.line.caller_started(0.0)
        await asyncio.sleep(seconds)
        self.line.caller_stopped(0.0)
        if text:
            self.line.caller_said(text)


@pytest.fixture
async def asking(posted: PostedHappenings, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setattr(spoken, "call_log", posted)
    monkeypatch.setattr(spoken, "ANSWER_SECONDS", LONG_SECONDS)
    return Asking()


@pytest.fixture
async def soon(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    for name in ("ANSWER_SECONDS", "QUESTION_SECONDS", "LAST_WORDS_SECONDS"):
        monkeypatch.setattr(spoken, name, 0.2)
    monkeypatch.setattr(spoken, "LOOK_SECONDS", 0.02)
    async with asyncio.timeout(LONG_SECONDS):
        yield


async def test_it_takes_the_first_key_from_one_to_five(
    asking: Asking, posted: PostedHappenings
) -> None:
    asking.survey.key_pressed("1")  # Nobody was asked yet.
    outcome = asking.begin()
    await asyncio.sleep(0.01)
    for key in ("0", "9", "#", "*", "", "3", "5"):
        asking.survey.key_pressed(key)
    assert await outcome is Outcome.ANSWERED
    asking.survey.key_pressed("2")
    (asked,), (answered,) = posted.of_type(SurveyAsked), posted.of_type(SurveyAnswered)
    assert isinstance(asked, SurveyAsked) and asked.channel == "spoken"
    assert isinstance(answered, SurveyAnswered) and answered.score == 3
    assert asking.agent.gate_states == ["closed", "opens at the next turn"]
    assert not asking.survey.is_due(asking.line), "it is asked once"


async def test_it_waits_on_while_the_caller_thinks_aloud(asking: Asking, soon: None) -> None:
    outcome = asking.begin()
    await asyncio.sleep(0.05)
    await asking.speak("Well, let me see.", 0.3)
    await asyncio.sleep(0.1)
    await asking.speak("Four.", 0.5)
    assert await outcome is Outcome.ANSWERED


async def test_it_waits_for_words_that_come_after_the_voice(asking: Asking, soon: None) -> None:
    outcome = asking.begin()
    await asyncio.sleep(0.01)
    await asking.speak("", 0.6)
    await asyncio.sleep(0.1)
    asking.line.caller_said("Two.")
    assert await outcome is Outcome.ANSWERED


@pytest.mark.parametrize("noise", [False, True], ids=["silence", "noise"])
async def test_it_does_not_wait_for_ever(
    asking: Asking, soon: None, monkeypatch: pytest.MonkeyPatch, noise: bool
) -> None:
    monkeypatch.setattr(spoken, "MOST_SECONDS", 0.5)
    outcome = asking.begin()
    if noise:
        asking.line.caller_started(0.0)
    assert await outcome is Outcome.UNANSWERED
    assert asking.agent.gate_states == ["closed", "opens at the next turn"]


async def test_a_question_that_cannot_be_spoken_was_not_asked(
    asking: Asking, soon: None, posted: PostedHappenings
) -> None:
    asking.agent.mute = True
    assert await asking.begin() is Outcome.UNANSWERED
    assert posted.of_type(SurveyAsked) == posted.of_type(Milestone) == []


async def test_it_stays_with_a_caller_who_is_not_done(asking: Asking, soon: None) -> None:
    outcome = asking.begin()
    await asyncio.sleep(0.01)
    await asking.speak("Wait, one more question.")
    assert await outcome is Outcome.GOES_ON
    assert asking.agent.gate_states == ["closed", "open"]
    assert not asking.line.tools.leaving


async def test_no_tool_that_ends_late_makes_the_agent_speak_into_it(
    asking: Asking, soon: None
) -> None:
    outcome = asking.begin()
    await asyncio.sleep(0.01)
    await asking.speak("")
    await asyncio.sleep(0.01)
    assert asking.line.is_leaving
    asking.survey.key_pressed("5")
    assert await outcome is Outcome.ANSWERED


@pytest.mark.parametrize("survey", [SurveyBy.NONE, SurveyBy.WHATSAPP])
async def test_only_an_agent_that_asks_aloud_does(asking: Asking, survey: SurveyBy) -> None:
    assert asking.survey.is_due(asking.line)
    assert not SpokenSurvey(agent(survey=survey)).is_due(asking.line)


async def test_who_said_nothing_in_the_call_is_not_asked(asking: Asking) -> None:
    playout, tools = asking.line.playout, SessionTools(SPEC, None)
    silent = CallLine(CALL_SID, playout, CallClock(), Timings(), tools)
    assert not asking.survey.is_due(silent)
