"""Which score words give: the plain ones, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.survey.remarks import Said, reading_of, wants_no_more
from calls.survey.score import score_in


@pytest.mark.parametrize(
    ("text", "score"),
    [
        *((str(number), number) for number in range(1, 6)),
        ("5!", 5),
        (" 4 ", 4),
        ("4/5", 4),
        ("5 / 5", 5),
        ("4 out of 5", 4),
        ("four out of five.", 4),
        ("Five stars!", 5),
        ("five. Five!", 5),
        ("I'd say a four", 4),
        ("I’d give it a four out of five, thank you.", 4),
        ("very good: 4", 4),
        ("Not bad, four.", 4),
        ("One.", 1),
        ("Just one star, sorry.", 1),
        ("one out of five", 1),
        ("From one to five? Three.", 3),
        ("On a scale of 1 to 5, 2", 2),
        ("cinco", 5),
        ("Três.", 3),
        ("nota quatro", 4),
        ("quatro estrelas", 4),
        ("4 de 5", 4),
        ("um", 1),
        ("Dou uma nota um.", 1),
        ("★★★★", 4),
        ("⭐⭐⭐⭐⭐", 5),
        ("★★★☆☆", 3),
        ("4️⃣", 4),
        ("５", 5),
        ("٣", 3),
    ],
)
def test_it_reads_a_score(text: str, score: int) -> None:
    assert score_in(text) == score


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "one moment",
        "One more question.",
        "no one",
        "one of the five",
        "um momento",
        "foi um prazer",
        "two thumbs up",
        "I have two questions",
        "at 4 pm",
        "16:05",
        "3 or 4",
        "4-5",
        "4.5",
        "-1",
        "0",
        "6",
        "10/10",
        "10 out of 10",
        "4 out of 10",
        "twenty five",
        "five hundred",
        "not a five",
        "+351 200 000 005",
        "5th",
        "★★★★★★",
        "👍",
        "great",
        "२०",
    ],
)
def test_it_reads_no_score_into_anything_else(text: str) -> None:
    assert score_in(text) is None


def test_a_sound_of_hesitation_is_no_number_in_english() -> None:
    assert score_in("Um.", "en") is None
    assert score_in("Um, four.", "en-GB") == 4
    assert score_in("Um.", "pt-BR") == 1


@given(st.text())
def test_whatever_is_written_is_read_as_a_score_or_as_none(text: str) -> None:
    assert score_in(text) in {None, 1, 2, 3, 4, 5}
    reading_of(text, "en")
    wants_no_more(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Four.", Said.SCORE),
        ("Five?", Said.SCORE),
        ("It was really good, I'd say a five, thanks a lot.", Said.SCORE),
        ("Fine, thank you.", Said.REMARK),
        ("No.", Said.REMARK),
        ("It was very good, thank you.", Said.REMARK),
        ("Goodbye!", Said.REMARK),
        ("Seventeen.", Said.REMARK),
        ("Muito bem, obrigada.", Said.REMARK),
        ("Um.", Said.THINKING),
        ("Well, let me see.", Said.THINKING),
        ("Wait, one more question.", Said.GOES_ON),
        ("Wait, please stop.", Said.GOES_ON),
        ("Can I come at four?", Said.GOES_ON),
        ("And on Saturday, are you open too?", Said.GOES_ON),
        ("I would like to book an appointment.", Said.GOES_ON),
        ("Espere, tenho outra pergunta.", Said.GOES_ON),
        ("And Saturday?", Said.GOES_ON),
    ],
)
def test_it_tells_an_answer_from_a_caller_who_is_not_done(text: str, said: Said) -> None:
    assert reading_of(text, "en")[0] is said


@pytest.mark.parametrize("text", ["STOP", "Stop.", "stop please", "Parar", "unsubscribe"])
def test_it_knows_who_wants_no_more_messages(text: str) -> None:
    assert wants_no_more(text)


@pytest.mark.parametrize("text", ["5", "please don't ever stop being so kind", "", "Do not stop"])
def test_it_takes_nothing_else_for_that(text: str) -> None:
    assert not wants_no_more(text)
