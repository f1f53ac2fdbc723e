"""Word times after staff have corrected the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.snapshot import WordTiming
from catalog.speech import aligned, shifted

HEARD = (
    WordTiming("good", 100, 300),
    WordTiming("morning", 300, 700),
    WordTiming("this", 900, 1_000),
    WordTiming("is", 1_000, 1_100),
    WordTiming("doctor", 1_100, 1_500),
    WordTiming("smith", 1_500, 2_000),
)


def never_goes_back(words: tuple[WordTiming, ...], end_ms: int) -> bool:
    moments = [moment for word in words for moment in (word.start_ms, word.end_ms)]
    return moments == sorted(moments) and all(0 <= moment <= end_ms for moment in moments)


def times(words: tuple[WordTiming, ...]) -> list[tuple[str, int, int]]:
    return [(word.word, word.start_ms, word.end_ms) for word in words]


def test_other_capitals_and_punctuation_keep_every_time() -> None:
    words = aligned(HEARD, "Good morning! This is Doctor Smith.")
    assert [word.word for word in words] == ["Good", "morning!", "This", "is", "Doctor", "Smith."]
    assert [(word.start_ms, word.end_ms) for word in words] == [
        (word.start_ms, word.end_ms) for word in HEARD
    ]


def test_a_misheard_word_takes_the_time_of_what_was_heard() -> None:
    assert times(aligned(HEARD, "Good morning this is doctor Smythe"))[5] == (
        "Smythe",
        1_500,
        2_000,
    )


def test_one_word_written_as_two_shares_its_time_by_letters() -> None:
    words = aligned(HEARD, "Goodness me morning this is doctor smith")
    assert times(words)[:3] == [("Goodness", 100, 260), ("me", 260, 300), ("morning", 300, 700)]


def test_two_words_written_as_one_share_their_time() -> None:
    words = aligned(HEARD, "good morning this is doctor-smith")
    assert times(words)[-1] == ("doctor-smith", 1_100, 2_000)


def test_a_word_that_was_not_heard_stands_in_the_pause() -> None:
    words = aligned(HEARD, "good morning everyone this is doctor smith")
    assert times(words)[2] == ("everyone", 700, 900)


def test_a_word_that_was_not_said_is_left_out() -> None:
    words = aligned(HEARD, "good morning this is smith")
    assert times(words)[-1] == ("smith", 1_500, 2_000)


def test_words_before_the_first_and_after_the_last_stay_within_the_clip() -> None:
    text = "oh good morning this is doctor smith speaking"
    assert times(aligned(HEARD, text))[0] == ("oh", 0, 100)
    assert times(aligned(HEARD, text))[-1] == ("speaking", 2_000, 2_000)
    assert times(aligned(HEARD, text, duration_ms=2_600))[-1] == ("speaking", 2_000, 2_600)


def test_a_lone_dash_is_a_word_of_the_text_and_none_that_was_said() -> None:
    words = aligned(HEARD, "Good morning – this is Doctor Smith")
    assert times(words)[2] == ("–", 700, 900)


@pytest.mark.parametrize(
    "text", ["", "  ", "– …", "something else altogether", "good a b c", "we have moved good bye"]
)
def test_another_text_gets_no_times(text: str) -> None:
    assert aligned(HEARD, text) == ()


def test_half_of_the_words_are_enough() -> None:
    assert len(aligned(HEARD, "good morning to all")) == 4


def test_without_times_there_are_none() -> None:
    assert aligned((), "Good morning") == ()


def test_accents_and_other_scripts_are_letters() -> None:
    heard = (WordTiming("Não", 0, 200), WordTiming("добрый", 200, 500))
    assert aligned(heard, "não, Добрый") == (
        WordTiming("não,", 0, 200),
        WordTiming("Добрый", 200, 500),
    )


def test_words_move_with_the_silence_that_was_cut_off() -> None:
    assert times(shifted(HEARD, -150, 1_800))[0] == ("good", 0, 150)
    assert times(shifted(HEARD, -150, 1_800))[-1] == ("smith", 1_350, 1_800)


@st.composite
def heard_words(draw: st.DrawFn) -> tuple[WordTiming, ...]:
    """As a vendor might send them: overlapping, out of order, longer than the clip."""
    spelled = draw(st.lists(st.sampled_from(["we", "are", "open", "–", "on"]), max_size=8))
    moments = st.integers(0, 5_000)
    return tuple(WordTiming(word, draw(moments), draw(moments)) for word in spelled)


@given(
    heard=heard_words(),
    text=st.lists(st.sampled_from(["We", "are", "open,", "–", "closed", "on"]), max_size=8).map(
        " ".join
    ),
    duration_ms=st.none() | st.integers(0, 6_000),
)
def test_whatever_was_heard_the_times_of_a_text_never_go_back(
    heard: tuple[WordTiming, ...], text: str, duration_ms: int | None
) -> None:
    end_ms = 5_000 if duration_ms is None else duration_ms
    words = aligned(heard, text, duration_ms=duration_ms)
    assert not words or [word.word for word in words] == text.split()
    assert never_goes_back(words, end_ms)


@given(heard=heard_words(), by_ms=st.integers(-6_000, 6_000), duration_ms=st.integers(0, 6_000))
def test_moved_words_never_go_back_and_stay_in_the_clip(
    heard: tuple[WordTiming, ...], by_ms: int, duration_ms: int
) -> None:
    words = shifted(heard, by_ms, duration_ms)
    assert [word.word for word in words] == [word.word for word in heard]
    assert never_goes_back(words, duration_ms)
