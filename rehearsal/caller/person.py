"""The person on the telephone: goes through a script, one step after the other. Pure."""

from dataclasses import dataclass

from rehearsal.caller.ear import Ear
from rehearsal.caller.misdeeds import CloseWithoutStop, GoHalfOpen, Misdeed, StopAndStay
from rehearsal.caller.script import (
    CallScript,
    HangUp,
    Hear,
    LoseTheLine,
    Pause,
    Press,
    Speak,
    Step,
    TurnedAway,
    WaitForAgent,
    WaitForHangup,
)
from rehearsal.speech import Line, line


@dataclass(frozen=True, slots=True)
class StartSpeaking:
    line: Line


@dataclass(frozen=True, slots=True)
class PressKey:
    digit: str


@dataclass(frozen=True, slots=True)
class PutDown:
    """Hang up. `complaint` is empty when the script says so or has run out."""

    complaint: str = ""


@dataclass(frozen=True, slots=True)
class BreakOff:
    """The line is lost, or closed with this code; there was no `stop`."""

    close_code: int | None = None


@dataclass(frozen=True, slots=True)
class Misbehave:
    """Begin with what Twilio never does."""

    misdeed: Misdeed


Act = StartSpeaking | PressKey | PutDown | BreakOff | Misbehave


class Person:
    """Asked every 20 ms what to do next. Time is ms from the stream's start."""

    def __init__(self, script: CallScript) -> None:
        self._steps = script.steps
        self._limit_seconds = script.limit_seconds
        self._position = 0
        self._step_began_ms = 0.0
        self._begun = False  # the current step
        self._must_bear_a_hangup = False
        self._listening_from_ms = 0.0  # the agent's speech before this moment is no answer
        # Found now, so that a misspelt line fails before anybody is called.
        self._lines = {
            step.line: step.line if isinstance(step.line, Line) else line(step.line)
            for step in script.steps
            if isinstance(step, Speak)
        }

    @property
    def step(self) -> Step | None:
        """What the person is doing; None when the script has run out."""
        return self._steps[self._position] if self._position < len(self._steps) else None

    @property
    def doing(self) -> str:
        """The current step in words, for complaints."""
        return f"step {self._position + 1} ({type(self.step).__name__})"

    @property
    def expects_hangup(self) -> bool:
        """Whether it is right that the other side ends the call now."""
        if self.step is None or self._must_bear_a_hangup:
            return True
        return isinstance(self.step, WaitForHangup | TurnedAway)

    @property
    def is_turned_away(self) -> bool:
        """Whether a call without a stream is what the script is about."""
        return isinstance(self.step, TurnedAway)

    def cut_agent_off(self, now_ms: float) -> None:
        """What the agent was saying has been cleared, so it answers nothing."""
        self._listening_from_ms = now_ms

    def connected_anew(self, now_ms: float) -> None:
        """The call goes on over another stream, which is what a half-open one waits for."""
        if isinstance(self.step, GoHalfOpen):
            self._advance(now_ms)

    def next_act(self, now_ms: float, ear: Ear, *, speaking: bool) -> Act | None:
        """What to do at this moment. `speaking`: the caller's own line is still going on."""
        if now_ms >= self._limit_seconds * 1000:
            return PutDown(f"The call was not over after {self._limit_seconds:g} s.")
        while (step := self.step) is not None:
            if not self._begun:
                self._begun = True
                act = self._begin(step, now_ms)
                if act is not None:
                    return act
            if not self._is_over(step, now_ms, ear, speaking=speaking):
                return self._impatience(step, now_ms)
            self._advance(now_ms)
        return PutDown()

    def _begin(self, step: Step, now_ms: float) -> Act | None:
        """What a step begins with; None when it only waits. Some are over with that."""
        if isinstance(step, HangUp):
            return PutDown()
        if isinstance(step, TurnedAway):
            return PutDown("The call was connected to a stream.")
        if isinstance(step, Speak):
            self._listening_from_ms = now_ms
            return StartSpeaking(self._lines[step.line])
        if isinstance(step, Misdeed):
            self._must_bear_a_hangup = self._must_bear_a_hangup or step.server != "goes on"
            return Misbehave(step)
        if isinstance(step, LoseTheLine | CloseWithoutStop):
            self._advance(now_ms)
            return BreakOff(step.code if isinstance(step, CloseWithoutStop) else None)
        if isinstance(step, Press):
            self._advance(now_ms)
            return PressKey(step.digit)
        return None

    def _is_over(self, step: Step, now_ms: float, ear: Ear, *, speaking: bool) -> bool:
        if isinstance(step, Pause):
            return now_ms - self._step_began_ms >= step.ms
        if isinstance(step, Speak):
            return not speaking
        if isinstance(step, Hear):
            answering = ear.spoke_after(self._listening_from_ms, now_ms)
            return answering and ear.speaking_for_ms(now_ms) >= step.seconds * 1000
        if isinstance(step, WaitForAgent):
            if not ear.spoke_after(self._listening_from_ms, now_ms):
                return False
            if step.until == "started":
                return True
            if ear.silent_for_ms(now_ms) < step.silence_ms:
                return False
            self._listening_from_ms = now_ms
            return True
        if isinstance(step, Misdeed):
            return step.server != "ends" and now_ms - self._step_began_ms >= step.lasts_ms
        return False

    def _advance(self, now_ms: float) -> None:
        self._position += 1
        self._step_began_ms = now_ms
        self._begun = False

    def _impatience(self, step: Step, now_ms: float) -> PutDown | None:
        if not isinstance(step, WaitForAgent | Hear | WaitForHangup | StopAndStay | GoHalfOpen):
            return None
        if now_ms - self._step_began_ms < step.deadline_seconds * 1000:
            return None
        seconds = f"within {step.deadline_seconds:g} s"
        number = f"step {self._position + 1}"
        if isinstance(step, StopAndStay | GoHalfOpen):
            return PutDown(f"The server did not end the call {seconds} ({number}).")
        if isinstance(step, WaitForHangup):
            return PutDown(f"The agent did not hang up {seconds} ({number}).")
        if isinstance(step, Hear):
            return PutDown(f"The agent was not heard for {step.seconds:g} s {seconds} ({number}).")
        what = "begin to speak" if step.until == "started" else "speak and finish"
        return PutDown(f"The agent did not {what} {seconds} ({number}).")
