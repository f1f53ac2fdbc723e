"""Twilio's buffer and the caller's ear, with time passed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.caller.ear import Ear, Heard
from rehearsal.caller.playout import LIMIT_MS, Gap, Playout

LOUD = b"\x10\x90" * 80  # 20 ms
QUIET = b"\xff" * 160


def test_it_plays_audio_in_the_order_it_arrives_without_a_break():
    playout = Playout()
    playout.receive_audio(100, LOUD * 5)
    playout.receive_audio(110, QUIET * 5)
    assert [piece.start_ms for piece in playout.played(1_000)] == [100, 200]
    assert playout.buffered_ms(150) == 150
    assert playout.buffered_ms(400) == 0


def test_a_mark_comes_back_when_the_audio_before_it_was_played():
    playout = Playout()
    playout.receive_audio(0, LOUD * 5)
    playout.receive_mark(1, "a")
    playout.receive_audio(2, LOUD * 5)
    playout.receive_mark(3, "b")
    assert playout.due_marks(99.9) == ()
    assert playout.due_marks(100) == ("a",)
    assert playout.due_marks(150) == ()
    assert playout.due_marks(200) == ("b",)


def test_a_mark_without_audio_comes_back_at_once():
    playout = Playout()
    playout.receive_mark(50, "a")
    assert playout.due_marks(50) == ("a",)


def test_clear_throws_away_what_was_not_played_and_returns_all_marks():
    playout = Playout()
    playout.receive_audio(0, LOUD * 10)
    playout.receive_mark(0, "a")
    playout.receive_audio(0, LOUD * 10)
    playout.receive_mark(0, "b")
    assert playout.clear(50) == ("a", "b")
    assert playout.due_marks(10_000) == ()
    assert playout.buffered_ms(50) == 0
    (piece,) = playout.played(10_000)
    assert piece.end_ms == 50
    assert playout.ear.heard(10_000) == (Heard(0, 50),)


def test_audio_after_a_clear_plays_at_once():
    playout = Playout()
    playout.receive_audio(0, LOUD * 50)
    playout.clear(100)
    playout.receive_audio(120, LOUD)
    assert [piece.start_ms for piece in playout.played(1_000)] == [0, 120]


def test_it_throws_away_audio_beyond_ten_minutes():
    playout = Playout()
    assert playout.receive_audio(0, QUIET * (int(LIMIT_MS) // 20))
    assert not playout.receive_audio(0, QUIET)
    assert playout.receive_audio(20, QUIET)


def test_it_finds_a_gap_when_the_buffer_runs_dry_in_mid_word():
    playout = Playout()
    playout.receive_audio(0, LOUD * 5)
    playout.receive_audio(150, LOUD * 5)
    assert playout.gaps == [Gap(100, 50, in_speech=True)]


def test_a_longer_pause_between_sentences_is_a_gap_but_not_in_speech():
    playout = Playout()
    playout.receive_audio(0, LOUD * 5 + QUIET * 10)
    playout.receive_audio(350, LOUD * 5)
    assert playout.gaps == [Gap(300, 50, in_speech=False)]


@pytest.mark.parametrize("between", ["mark", "clear", "700 ms"])
def test_the_end_of_an_utterance_is_no_gap(between):
    playout = Playout()
    playout.receive_audio(0, LOUD * 5 + QUIET * 2)
    if between == "mark":
        playout.receive_mark(0, "end")
    if between == "clear":
        playout.clear(120)
    playout.receive_audio(840 if between == "700 ms" else 300, LOUD * 5)
    assert playout.gaps == []


def test_a_mark_inside_a_word_does_not_hide_the_gap():
    playout = Playout()
    playout.receive_audio(0, LOUD * 5)
    playout.receive_mark(0, "progress")
    playout.receive_audio(150, LOUD * 5)
    assert playout.gaps == [Gap(100, 50, in_speech=True)]


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 4_000)), max_size=30))
def test_pieces_never_overlap_and_nothing_is_lost(arrivals):
    playout, now_ms = Playout(), 0.0
    for wait_ms, size in arrivals:
        now_ms += wait_ms
        playout.receive_audio(now_ms, b"\x20" * size)
    pieces = playout.played(1e9)
    assert sum(len(piece.audio) for piece in pieces) == sum(size for _, size in arrivals)
    for earlier, later in zip(pieces, pieces[1:], strict=False):
        assert earlier.end_ms <= later.start_ms + 1e-6


def test_the_ear_takes_a_breath_for_part_of_the_speech():
    ear = Ear()
    ear.listen(0, LOUD * 10 + QUIET * 34 + LOUD * 10)  # 680 ms of silence
    assert ear.heard(5_000) == (Heard(0, 1_080),)
    assert ear.silent_for_ms(500) == 0
    assert ear.speaking_for_ms(500) == 500


def test_the_ear_takes_700_ms_of_silence_for_the_end():
    ear = Ear()
    ear.listen(0, LOUD * 10 + QUIET * 35 + LOUD * 10)
    assert ear.heard(5_000) == (Heard(0, 200), Heard(900, 1_100))
    assert ear.silent_for_ms(850) == 650
    assert ear.speaking_for_ms(850) == 0


def test_the_ear_hears_nothing_in_silence_and_line_noise():
    ear = Ear()
    ear.listen(0, QUIET * 50)
    ear.listen(1_000, b"\x70\xf0" * 4_000)
    assert ear.heard(5_000) == ()
    assert not ear.spoke_after(0, 5_000)


def test_the_ear_knows_what_is_still_to_be_heard():
    ear = Ear()
    ear.listen(0, LOUD * 100)
    assert ear.unheard_ms(500) == 1_500
    assert ear.heard(500) == (Heard(0, 500),)
    assert not ear.spoke_after(2_000, 9_000)
    assert ear.spoke_after(1_000, 1_001)
