"""Which words of the greeting were heard: by their own times, or by their share of the letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.greeting import text_heard
from catalog.snapshot import WordTiming

TEXT = "Thank you for calling"
WORDS = (
    WordTiming("Thank", 100, 400),
    WordTiming("you", 400, 600),
    WordTiming("for", 700, 900),
    WordTiming("calling", 900, 1_500),
)


@pytest.mark.parametrize(
    ("heard_ms", "heard"),
    [
        (-50, ""),
        (0, ""),
        (399, ""),
        (400, "Thank"),
        (650, "Thank you"),
        (900, "Thank you for"),
        (1_499, "Thank you for"),
        (1_500, TEXT),
        (1_600, TEXT),
        (9_999, TEXT),
    ],
)
def test_it_goes_by_the_words_own_times(heard_ms: float, heard: str) -> None:
    assert text_heard(TEXT, WORDS, heard_ms, 1_600) == heard


@pytest.mark.parametrize(
    ("heard_ms", "heard"),
    [(-50, ""), (0, ""), (1_199, ""), (1_200, "aa"), (2_399, "aa"), (2_400, "aa bb")],
)
def test_it_shares_the_time_out_by_letters_when_there_are_no_times(
    heard_ms: float, heard: str
) -> None:
    assert text_heard("aa bb cccccc", (), heard_ms, 6_000) == heard


def test_it_copes_with_a_clip_without_length_or_text() -> None:
    assert text_heard("", (), 0.0, 100) == ""
    assert text_heard("one two", (), 0.0, 0) == "one two"


@st.composite
def spoken(draw: st.DrawFn) -> tuple[str, tuple[WordTiming, ...], int]:
    """A text, the times of its words or none, and the clip's duration."""
    words = draw(st.lists(st.text("abcdeç'é", min_size=1, max_size=9), min_size=1, max_size=12))
    moments = sorted(
        draw(st.lists(st.integers(0, 9_000), min_size=2 * len(words), max_size=2 * len(words)))
    )
    timings = tuple(
        WordTiming(word, moments[2 * index], moments[2 * index + 1])
        for index, word in enumerate(words)
    )
    return " ".join(words), draw(st.sampled_from(((), timings))), moments[-1] + 1


@given(spoken(), st.floats(-100, 12_000), st.floats(-100, 12_000))
def test_who_hears_longer_never_hears_less(
    clip: tuple[str, tuple[WordTiming, ...], int], one: float, other: float
) -> None:
    text, words, duration_ms = clip
    shorter, longer = sorted((one, other))
    less = text_heard(text, words, shorter, duration_ms)
    more = text_heard(text, words, longer, duration_ms)
    assert more.startswith(less)


@given(spoken(), st.floats(-100, 12_000))
def test_what_was_heard_are_the_first_whole_words_of_the_text(
    clip: tuple[str, tuple[WordTiming, ...], int], heard_ms: float
) -> None:
    text, words, duration_ms = clip
    heard = text_heard(text, words, heard_ms, duration_ms)
    assert text.split()[: len(heard.split())] == heard.split()
    assert heard_ms < duration_ms or heard == text
    assert heard_ms >= 0 or heard == ""
