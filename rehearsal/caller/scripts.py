"""The calls that ship with the project."""

from rehearsal.caller.script import (
    CallScript,
    HangUp,
    Hear,
    Pause,
    Speak,
    WaitForAgent,
    WaitForHangup,
)

# A polite caller: on a busy machine an agent may need 900 ms from one sentence to the next.
_ANSWERED = WaitForAgent("finished", silence_ms=1_200)

_SCRIPTS = (
    CallScript(
        name="hours",
        steps=(
            _ANSWERED,
            Speak("ask-hours"),
            Hear(2.0),
            Speak("and-saturday", interrupting=True),
            _ANSWERED,
            Speak("goodbye"),
            WaitForHangup(),
        ),
    ),
    CallScript(
        name="short",
        steps=(
            _ANSWERED,
            Speak("ask-hours"),
            _ANSWERED,
            Speak("goodbye"),
            WaitForHangup(),
        ),
    ),
    CallScript(
        name="interrupt-greeting",
        steps=(
            Hear(1.0),
            Speak("hello-question", interrupting=True),
            _ANSWERED,
            Speak("goodbye"),
            WaitForHangup(),
        ),
    ),
    CallScript(name="transfer", steps=(_ANSWERED, Speak("person"), WaitForHangup())),
    CallScript(name="impatient", steps=(Pause(2_000), HangUp())),
    CallScript(name="silent", steps=(_ANSWERED, Pause(10_000), HangUp())),
    CallScript(
        name="time",
        steps=(
            _ANSWERED,
            Speak("what-time"),
            _ANSWERED,
            Speak("goodbye"),
            WaitForHangup(),
        ),
    ),
)

SCRIPTS = {script.name: script for script in _SCRIPTS}
