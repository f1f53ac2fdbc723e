"""Every sentence that ships can be heard: its file is there, and as long as its words take."""

import json

import pytest

from catalog.spoken_fallbacks import FOLDER, Moment, fallback, of_moments

TEXTS = json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("moment", Moment)
def test_each_is_spoken_in_each_language(moment: Moment, language: str) -> None:
    clip = fallback(moment, language)
    assert clip.text == TEXTS[language][moment]
    assert 35 < clip.duration_ms / len(clip.text) < 120


def test_another_language_hears_english_and_all_that_may_be_played_is_known() -> None:
    assert fallback(Moment.GO_ON, "tlh").text == TEXTS["en"]["go-on"]
    known = of_moments(Moment.APOLOGY, Moment.COLLEAGUE)
    for language in (*TEXTS, "tlh", "pt-BR"):
        assert fallback(Moment.APOLOGY, language) in known
