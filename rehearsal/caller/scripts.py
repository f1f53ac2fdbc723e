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

_SCRIPTS = (
    CallScript(
        name="hours",
        steps=(
            WaitForAgent("finished"),
            Speak("ask-hours"),
            Hear(2.0),
            Speak("and-saturday", interrupting=True),
            WaitForAgent("finished"),
            Speak("goodbye"),
            WaitForHangup(),
        ),
    ),
    CallScript(
        name="short",
        steps=(
            WaitForAgent("finished"),
            Speak("ask-hours"),
            WaitForAgent("finished"),
            Speak("goodbye"),
            WaitForHangup(),
        ),
    ),
    CallScript(
        name="interrupt-greeting",
        steps=(
            Hear(1.0),
            Speak("hello-question", interrupting=True),
            WaitForAgent("finished"),
            Speak("goodbye"),
            WaitForHangup(),
        ),
    ),
    CallScript(name="impatient", steps=(Pause(2_000), HangUp())),
    CallScript(name="silent", steps=(WaitForAgent("finished"), Pause(10_000), HangUp())),
    CallScript(
        name="time",
        steps=(
            WaitForAgent("finished"),
            Speak("what-time"),
            WaitForAgent("finished"),
            Speak("goodbye"),
            WaitForHangup(),
        ),
    ),
)

SCRIPTS = {script.name: script for script in _SCRIPTS}
