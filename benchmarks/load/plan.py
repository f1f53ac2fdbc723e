"""Who calls, how many, and what they do: the same for both sides. Pure."""

from dataclasses import dataclass

from rehearsal.caller import CallScript, HangUp, Hear, Pause, Speak, WaitForAgent
from rehearsal.caller.script import Step
from rehearsal.speech import line

ARRIVALS_A_SECOND = 10.0
LINE, INTERRUPTION = "ask-hours", "wait-stop"
EVERY_MS = 10_000.0
GREETED = WaitForAgent("finished", deadline_seconds=30.0)
LISTENED_SECONDS = 1.0  # to a reply, before it is interrupted
AFTER_THE_INTERRUPTION_MS = 2_000.0
GREETED_SECONDS = 3.7  # a greeting of 3 s that comes at once, and silence after it
LAST_SECONDS = 6.0  # the last line, and at least what is heard of its reply


@dataclass(frozen=True, slots=True)
class Plan:
    """`rounds`: how often each caller speaks, before the last time, when they interrupt.

    `fresh`: each level has a server of its own, which no earlier level has left memory to.
    """

    levels: tuple[int, ...]
    rounds: int
    silent_levels: tuple[int, ...]
    silent_seconds: float
    fresh: bool = True
    further_levels: int = 0  # tried between and beyond them, to find the knee

    @property
    def lines(self) -> int:
        """To be answered, in each call: the interruption is none of them."""
        return self.rounds + 1

    def all_up(self, calls: int) -> float:
        """Seconds after the first ring: everybody has been greeted."""
        return calls / ARRIVALS_A_SECOND + GREETED_SECONDS

    def all_still_up(self) -> float:
        """Seconds after the first ring: nobody who talks has hung up yet."""
        return GREETED_SECONDS + self.rounds * EVERY_MS / 1_000.0 + LAST_SECONDS


FULL = Plan((1, 5, 10, 20, 40), 3, (1, 5, 10, 20, 40), 20.0, further_levels=2)
QUICK = Plan((1, 10), 1, (10,), 6.0, fresh=False)
WARM_UP = CallScript("warm-up", (GREETED, Speak(LINE), WaitForAgent("started"), HangUp()))


def talking(plan: Plan, number: int) -> CallScript:
    """Listens to the greeting, says a line every ten seconds, and interrupts the last reply."""
    steps: list[Step] = [GREETED]
    for _ in range(plan.rounds):
        steps += [Speak(LINE), Pause(EVERY_MS - line(LINE).duration_ms)]
    steps += [
        Speak(LINE),
        Hear(LISTENED_SECONDS),
        Speak(INTERRUPTION, interrupting=True),
        Pause(AFTER_THE_INTERRUPTION_MS),
        HangUp(),
    ]
    return _numbered("talks", tuple(steps), number)


def silent(plan: Plan, number: int) -> CallScript:
    return _numbered("silent", (Pause(plan.silent_seconds * 1_000.0), HangUp()), number)


def _numbered(name: str, steps: tuple[Step, ...], number: int) -> CallScript:
    return CallScript(name, steps, from_number=f"+3519400{number:05d}", limit_seconds=300.0)
