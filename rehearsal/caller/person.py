"""The person on the telephone: goes through a script, one step after the other. Pure."""

from dataclasses import dataclass

from rehearsal.caller.ear import Ear
from rehearsal.caller.script import (
    CallScript,
    HangUp,
    Hear,
    Pause,
    Press,
    Speak,
    Step,
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


Act = StartSpeaking | PressKey | PutDown


class Person:
    """Asked every 20 ms what to do next. Time is ms from the stream's start."""

    def __init__(self, script: CallScript) -> None:
        self._steps = script.steps
        self._limit_seconds = script.limit_seconds
        self._position = 0
        self._step_began_ms = 0.0
        self._spoken = False  # the line of the current Speak has been started
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
        return self.step is None or isinstance(self.step, WaitForHangup)

    def cut_agent_off(self, now_ms: float) -> None:
        """What the agent was saying has been cleared, so it answers nothing."""
        self._listening_from_ms = now_ms

    def next_act(self, now_ms: float, ear: Ear, *, speaking: bool) -> Act | None:
        """What to do at this moment. `speaking`: the caller's own line is still going on."""
        if now_ms >= self._limit_seconds * 1000:
            return PutDown(f"The call was not over after {self._limit_seconds:g} s.")
        while (step := self.step) is not None:
            if isinstance(step, HangUp):
                return PutDown()
            if isinstance(step, Press):
                self._advance(now_ms)
                return PressKey(step.digit)
            if isinstance(step, Speak) and not self._spoken:
                self._spoken = True
                self._listening_from_ms = now_ms
                return StartSpeaking(self._lines[step.line])
            if not self._is_over(step, now_ms, ear, speaking=speaking):
                return self._impatience(step, now_ms)
            self._advance(now_ms)
        return PutDown()

    def _is_over(self, step: Step, now_ms: float, ear: Ear, *, speaking: bool) -> bool:
        if isinstance(step, Speak):
            return not speaking
        if isinstance(step, Pause):
            return now_ms - self._step_began_ms >= step.ms
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
        return False

    def _advance(self, now_ms: float) -> None:
        self._position += 1
        self._step_began_ms = now_ms
        self._spoken = False

    def _impatience(self, step: Step, now_ms: float) -> PutDown | None:
        if not isinstance(step, WaitForAgent | Hear | WaitForHangup):
            return None
        if now_ms - self._step_began_ms < step.deadline_seconds * 1000:
            return None
        seconds = f"within {step.deadline_seconds:g} s"
        number = f"step {self._position + 1}"
        if isinstance(step, WaitForHangup):
            return PutDown(f"The agent did not hang up {seconds} ({number}).")
        if isinstance(step, Hear):
            return PutDown(f"The agent was not heard for {step.seconds:g} s {seconds} ({number}).")
        what = "begin to speak" if step.until == "started" else "speak and finish"
        return PutDown(f"The agent did not {what} {seconds} ({number}).")
