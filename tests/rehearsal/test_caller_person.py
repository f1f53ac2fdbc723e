"""The person goes through a script; nobody waits in these tests, time is passed in."""

import pytest

from rehearsal.caller import (
    SCRIPTS,
    CallScript,
    HangUp,
    Hear,
    Pause,
    Press,
    Speak,
    WaitForAgent,
    WaitForHangup,
)
from rehearsal.caller.ear import Ear
from rehearsal.caller.person import Person, PressKey, PutDown, StartSpeaking
from rehearsal.speech import Line, UnknownLine

LOUD = b"\x10\x90" * 80
LINE = Line("line", "A line.", LOUD)


def person(*steps, **options):
    return Person(CallScript("test", steps, **options))


def act(someone, now_ms, ear=None, *, speaking=False):
    return someone.next_act(now_ms, ear or Ear(), speaking=speaking)


def speech(start_ms, end_ms, ear=None):
    ear = ear or Ear()
    ear.listen(start_ms, LOUD * int((end_ms - start_ms) / 20))
    return ear


def test_it_waits_until_the_agent_has_been_silent_for_700_ms():
    someone, ear = person(WaitForAgent("finished"), HangUp()), speech(100, 1_100)
    assert act(someone, 50, ear) is None
    assert act(someone, 500, ear) is None
    assert act(someone, 1_780, ear) is None
    assert act(someone, 1_800, ear) == PutDown()


def test_it_does_not_take_earlier_speech_for_an_answer():
    someone, ear = (
        person(WaitForAgent("finished"), Speak(LINE), WaitForAgent("started"), HangUp()),
        speech(0, 400),
    )
    assert act(someone, 1_200, ear) == StartSpeaking(LINE)
    assert act(someone, 1_300, ear, speaking=True) is None
    assert act(someone, 1_700, ear) is None
    assert act(someone, 2_100, speech(2_000, 3_000, ear)) == PutDown()


def test_what_it_cut_off_answers_nothing():
    someone, ear = person(Speak(LINE), WaitForAgent("finished"), HangUp()), speech(0, 9_000)
    assert act(someone, 1_000, ear) == StartSpeaking(LINE)
    ear.cut(1_500)
    someone.cut_agent_off(1_500)
    assert act(someone, 4_000, ear) is None
    assert act(someone, 5_800, speech(4_100, 5_000, ear)) == PutDown()


def test_it_hears_two_answers_one_after_the_other():
    someone, ear = (
        person(WaitForAgent("finished"), WaitForAgent("finished"), HangUp()),
        speech(0, 400),
    )
    assert act(someone, 1_200, ear) is None
    assert act(someone, 3_000, speech(2_000, 2_200, ear)) == PutDown()


def test_it_listens_for_so_long_before_it_interrupts():
    someone, ear = person(Hear(2.0), Speak(LINE)), speech(500, 6_000)
    assert act(someone, 2_480, ear) is None
    assert act(someone, 2_500, ear) == StartSpeaking(LINE)


def test_it_speaks_a_line_to_its_end():
    someone = person(Speak(LINE), HangUp())
    assert act(someone, 0) == StartSpeaking(LINE)
    assert act(someone, 20, speaking=True) is None
    assert act(someone, 40) == PutDown()


def test_it_presses_a_key_and_pauses():
    someone = person(Press("7"), Pause(100), HangUp())
    assert act(someone, 0) == PressKey("7")
    assert act(someone, 80) is None
    assert act(someone, 100) == PutDown()


def test_it_hangs_up_when_the_script_has_run_out():
    someone = person(Pause(100))
    assert act(someone, 60) is None
    assert act(someone, 100) == PutDown()
    assert someone.expects_hangup


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        (WaitForAgent("started", 2), "The agent did not begin to speak within 2 s (step 1)."),
        (WaitForAgent("finished", 2), "The agent did not speak and finish within 2 s (step 1)."),
        (Hear(1, 2), "The agent was not heard for 1 s within 2 s (step 1)."),
        (WaitForHangup(2), "The agent did not hang up within 2 s (step 1)."),
    ],
)
def test_it_complains_when_a_deadline_passes(step, complaint):
    someone = person(step)
    assert act(someone, 1_980) is None
    assert act(someone, 2_000) == PutDown(complaint)


def test_it_expects_the_hang_up_only_when_it_waits_for_it():
    someone = person(Pause(100), WaitForHangup())
    act(someone, 0)
    assert not someone.expects_hangup
    act(someone, 100)
    assert someone.expects_hangup


def test_it_refuses_a_line_that_does_not_exist():
    with pytest.raises(UnknownLine, match="There is no line 'sing'"):
        person(Speak("sing"))


def test_every_script_that_ships_can_be_played():
    for script in SCRIPTS.values():
        assert Person(script).step is script.steps[0]
