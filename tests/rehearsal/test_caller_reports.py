"""What is made of a call's observations: the report, the timeline, the figures."""

import json

import pytest

from rehearsal.caller import CallReport, CallScript, Gap, HangUp, Pause, Speak, WaitForHangup
from rehearsal.caller.crowd import CrowdReport
from rehearsal.caller.ear import Heard
from rehearsal.caller.microphone import Microphone, Said
from rehearsal.caller.observed import ClearReceived, Ending, Observed
from rehearsal.caller.report import AroundTheStream
from rehearsal.caller.review import percentile, review
from rehearsal.caller.stream_messages import SILENCE_PAYLOAD
from rehearsal.caller.summary import figures, summary
from rehearsal.caller.timeline import BAR_CHARS, one_line, timeline
from rehearsal.speech import Line

AROUND = AroundTheStream("CA1", "MZ1", "test", ("Connect Stream",), 12.0, 3.0)


def said(name: str, start_ms: float, end_ms: float) -> Said:
    return Said(name, f"{name}?", start_ms, end_ms, b"")


def report(
    observed: Observed, by: str = "caller", at_ms: float = 10_000.0, *steps, around=AROUND
) -> CallReport:
    script = CallScript("test", steps or (HangUp(),))
    return review(script, around, observed, Ending(by, at_ms))


def test_a_reply_is_the_first_speech_that_begins_after_the_line_did():
    observed = Observed(
        said=(said("a", 1_000, 2_000), said("b", 5_000, 6_000)),
        heard=(Heard(0, 900), Heard(2_600, 4_000), Heard(4_800, 4_900), Heard(5_900, 7_000)),
    )
    first, second = report(observed).replies
    assert (first.start_ms, first.gap_ms) == (2_600, 600)
    assert (second.start_ms, second.gap_ms) == (5_900, -100)


def test_a_line_without_an_answer_has_no_reply():
    observed = Observed(said=(said("a", 1_000, 2_000),), heard=(Heard(0, 3_000),))
    (reply,) = report(observed).replies
    assert (reply.start_ms, reply.gap_ms) == (None, None)


def test_what_went_on_from_before_and_was_cut_off_is_no_reply():
    observed = Observed(
        said=(said("a", 1_000, 2_000),),
        heard=(Heard(0, 900), Heard(1_050, 1_400), Heard(2_700, 4_000)),
        clears=(ClearReceived(1_400, 200),),
    )
    (reply,) = report(observed).replies
    assert reply.gap_ms == 700


def test_a_clear_in_silence_interrupts_nobody():
    observed = Observed(
        said=(said("a", 1_000, 2_000),),
        heard=(Heard(0, 900),),
        clears=(ClearReceived(1_150, 0), ClearReceived(1_400, 0)),
    )
    assert [it.interrupted for it in report(observed).clears] == [True, False]


def test_a_clear_belongs_to_the_line_that_began_last():
    observed = Observed(
        said=(said("a", 1_000, 2_000), said("b", 5_000, 6_000)),
        clears=(ClearReceived(500, 0), ClearReceived(5_300, 800)),
    )
    before, after = report(observed).clears
    assert (before.line, before.after_line_start_ms) == (None, None)
    assert (after.line, after.after_line_start_ms) == ("b", 300)


@pytest.mark.parametrize(("cleared_at_ms", "ok"), [(900, False), (1_300, True), (3_600, False)])
def test_an_interruption_must_silence_the_agent_in_time(cleared_at_ms, ok):
    observed = Observed(
        said=(said("a", 1_000, 2_000),),
        heard=(Heard(0, cleared_at_ms),),
        clears=(ClearReceived(cleared_at_ms, 100),),
    )
    assert report(observed, "caller", 9_000, Speak("a", interrupting=True)).ok is ok


@pytest.mark.parametrize(
    ("heard", "unheard_ms", "by", "goodbye_heard"),
    [
        ((Heard(2_500, 4_000),), 0, "server-rest", True),
        ((Heard(2_500, 4_000),), 500, "server-rest", False),
        ((Heard(0, 900),), 0, "server-socket", False),
        ((Heard(2_500, 4_000),), 500, "caller", None),
    ],
)
def test_a_goodbye_is_heard_to_its_end_or_not(heard, unheard_ms, by, goodbye_heard):
    observed = Observed(said=(said("a", 1_000, 2_000),), heard=heard, unheard_ms=unheard_ms)
    result = report(observed, by, 4_000, WaitForHangup())
    assert result.goodbye_heard is goodbye_heard
    assert result.ok is (goodbye_heard is not False)


def test_a_failed_callback_fails_the_call():
    around = AroundTheStream("CA1", "MZ1", "test", troubles=("The callback answered 500.",))
    assert report(Observed(), around=around).failures == ("The callback answered 500.",)


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 50), (0.99, 99), (0.0, 1), (1.0, 100), (0.001, 1)]
)
def test_a_percentile_is_a_value_that_was_measured(share, value):
    assert percentile(list(range(100, 0, -1)), share) == value


def test_the_microphone_says_a_line_and_is_silent_around_it():
    microphone = Microphone()
    assert microphone.next_payload() == SILENCE_PAYLOAD
    microphone.say(Line("a", "A.", b"\x10" * 400))
    assert microphone.speaking
    spoken = [microphone.next_payload() for _ in range(3)]
    assert SILENCE_PAYLOAD not in spoken
    assert not microphone.speaking
    assert microphone.next_payload() == SILENCE_PAYLOAD
    (line,) = microphone.said()
    assert (line.start_ms, line.end_ms, line.audio) == (20, 70, b"\x10" * 400)


def test_a_line_that_is_broken_off_ends_there():
    microphone = Microphone()
    microphone.say(Line("a", "A.", b"\x10" * 1_600))
    microphone.next_payload()
    (line,) = microphone.said()
    assert (line.end_ms, len(line.audio)) == (20, 160)
    microphone.say(Line("b", "B.", b"\x10" * 160))
    microphone.next_payload()
    assert [(it.line, it.end_ms) for it in microphone.said()] == [("a", 20), ("b", 40)]


FULL = Observed(
    first_audio_ms=4.0,
    said=(said("a", 4_000, 5_000),),
    heard=(Heard(0, 4_300), Heard(5_600, 9_000)),
    clears=(ClearReceived(4_300, 200),),
    gaps=(Gap(6_000, 45, in_speech=True), Gap(7_000, 80, in_speech=False)),
    lags_ms=(0.1, 2.0),
)


def test_a_timeline_shows_each_thing_at_its_place():
    text = timeline(report(FULL))
    rows = {row.split()[2]: row for row in text.splitlines() if "█" in row or "▒" in row}
    assert "ok" in text.splitlines()[0]
    assert "webhook 12 ms" in text
    assert "first audio 4 ms" in text
    assert "600 ms after a" in rows["agent"]
    assert '"a?"' in rows["caller"]
    assert rows["caller"].index("▒") > BAR_CHARS * 0.4
    assert "silent 300 ms after a began" in text
    assert text.count("×") == 3
    assert "longest 80 ms" in text


def test_one_line_shows_who_spoke_when():
    bar = one_line(report(FULL)).split("|")[1]
    assert len(bar) == BAR_CHARS
    assert bar[0] == "a"
    assert bar[16] == "x"
    assert bar[19] == "c"
    assert bar[-8] == "a"
    assert bar.rstrip() != bar


def test_a_failure_is_told_in_both_forms():
    failed = review(CallScript("t", (Pause(1),)), AROUND, Observed(), Ending("error", 0.0, "Dead."))
    assert "FAILED: Dead." in timeline(failed)
    assert "FAILED: Dead." in one_line(failed)
    assert failed.error == "Dead."


def test_the_figures_cover_all_calls():
    crowd = CrowdReport((report(FULL), report(Observed(first_audio_ms=9.0))), 0.01)
    by_name = {figure.name: figure for figure in figures(crowd.calls)}
    first = by_name["first audio"]
    assert (first.count, first.p50_ms, first.p99_ms) == (2, 4.0, 9.0)
    assert by_name["reply"].count == 1
    assert by_name["longest gap"].max_ms == 80
    assert by_name["longest gap in speech"].max_ms == 45
    assert by_name["interruption to silence"].p50_ms == 300
    assert "2 of 2 calls" in summary(crowd)


def test_figures_of_no_calls_are_empty():
    assert {figure.count for figure in figures(())} == {0}
    assert "0 of 0 calls" in summary(CrowdReport((), 0.0))


def test_a_report_becomes_json():
    document = json.loads(json.dumps(report(FULL).as_dict()))
    assert document["ok"] is True
    assert document["longest_gap_ms"] == 80
    assert document["replies"][0]["gap_ms"] == 600
    assert document["said"][0]["text"] == "a?"
