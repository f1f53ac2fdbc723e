"""From "somebody began to speak" to a line of the record."""

import pytest

from calls.happenings import Said
from calls.timing import CallClock, Timings
from calls.transcript import Transcript
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_clock import FakeClock
from tests.calls.samples import CALL_SID


class Told:
    """A transcript on a clock that the test moves."""

    def __init__(self) -> None:
        self._clock = FakeClock()
        self.timings = Timings()
        self.transcript = Transcript(CALL_SID, CallClock(self._clock), self.timings)

    def at_ms(self, ms: float) -> Transcript:
        self._clock.now = 1_000.0 + ms / 1_000.0
        return self.transcript


def lines(posted: PostedHappenings) -> list[Said]:
    return [happening for happening in posted.happenings if isinstance(happening, Said)]


def test_it_places_the_callers_words_where_they_were_said(posted: PostedHappenings) -> None:
    told = Told()
    told.at_ms(1_200).caller_started(0.2)
    told.at_ms(3_300).caller_stopped(0.3)
    told.at_ms(4_000).caller_said("When do you open?")
    (line,) = lines(posted)
    assert (line.speaker, line.text) == ("caller", "When do you open?")
    assert (line.at_ms, line.end_ms) == pytest.approx((1_000.0, 3_000.0))


def test_it_begins_a_turn_with_its_first_word_and_ends_it_with_the_last(
    posted: PostedHappenings,
) -> None:
    told = Told()
    for start_ms, stop_ms in ((1_000, 1_500), (1_800, 2_500)):
        told.at_ms(start_ms).caller_started(0.0)
        told.at_ms(stop_ms).caller_stopped(0.0)
    told.at_ms(2_600).caller_said("When … do you open?")
    told.at_ms(5_000).caller_started(0.0)
    told.at_ms(5_500).caller_stopped(0.0)
    told.at_ms(5_600).caller_said("Thanks.")
    first, second = lines(posted)
    assert (first.at_ms, first.end_ms) == pytest.approx((1_000.0, 2_500.0))
    assert (second.at_ms, second.end_ms) == pytest.approx((5_000.0, 5_500.0))


def test_it_keeps_words_that_nobody_was_heard_beginning(posted: PostedHappenings) -> None:
    Told().at_ms(700).caller_said("Hello?")
    (line,) = lines(posted)
    assert (line.at_ms, line.end_ms) == pytest.approx((700.0, 700.0))


def test_it_measures_a_reply_from_the_callers_last_word(posted: PostedHappenings) -> None:
    told = Told()
    told.at_ms(2_000).caller_stopped(0.2)
    told.at_ms(2_600).reply_started()
    told.at_ms(4_000).agent_said("At nine.", interrupted=False)
    (line,) = lines(posted)
    assert (line.speaker, line.text, line.interrupted) == ("agent", "At nine.", False)
    assert (line.at_ms, line.end_ms) == pytest.approx((2_600.0, 4_000.0))
    assert line.reply_ms == pytest.approx(800.0)
    assert told.timings.first_reply_audio_ms == pytest.approx(2_600.0)


def test_it_measures_only_the_first_of_two_sentences(posted: PostedHappenings) -> None:
    told = Told()
    told.at_ms(2_000).caller_stopped(0.0)
    told.at_ms(2_500).reply_started()
    told.at_ms(3_000).agent_said("One moment.", interrupted=False)
    told.at_ms(6_000).reply_started()
    told.at_ms(7_000).agent_said("At nine.", interrupted=True)
    first, second = lines(posted)
    assert first.reply_ms == pytest.approx(500.0)
    assert (second.reply_ms, second.interrupted) == (None, True)
    assert told.timings.first_reply_audio_ms == pytest.approx(2_500.0)


def test_the_agents_own_first_words_are_no_reply(posted: PostedHappenings) -> None:
    told = Told()
    told.at_ms(300).reply_started()
    told.at_ms(1_500).agent_said("Good morning.", interrupted=False)
    assert lines(posted)[0].reply_ms is None
    assert told.timings.first_reply_audio_ms is None


def test_it_writes_the_greeting_as_far_as_it_was_heard(posted: PostedHappenings) -> None:
    Told().at_ms(900).clip_said("Thank you", began_ms=2.5, heard_ms=640.0, interrupted=True)
    (line,) = lines(posted)
    assert (line.speaker, line.text, line.interrupted) == ("agent", "Thank you", True)
    assert (line.at_ms, line.end_ms, line.reply_ms) == (2.5, 642.5, None)
