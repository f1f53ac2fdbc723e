"""In which voice Twilio's <Say> speaks."""

import pytest

from calls.say_voice import SayVoice, say_voice


@pytest.mark.parametrize(
    ("language", "locale", "voice"),
    [
        ("en", "en-US", "Polly.Joanna"),
        ("en-GB", "en-GB", "Polly.Amy"),
        ("en-NZ", "en-US", "Polly.Joanna"),
        ("pt", "pt-PT", "Polly.Ines"),
        ("pt-BR", "pt-BR", "Polly.Camila"),
        ("pt-br", "pt-BR", "Polly.Camila"),
        ("es-419", "es-ES", "Polly.Lucia"),
        ("no", "nb-NO", "Polly.Liv"),
        ("zh-Hans-CN", "cmn-CN", "Polly.Zhiyu"),
    ],
)
def test_it_is_a_voice_of_that_language(language: str, locale: str, voice: str) -> None:
    assert say_voice(language) == SayVoice(locale, voice)


@pytest.mark.parametrize("language", ["", "-", "e", "tlh", "en_US", "polly"])
def test_of_a_language_it_does_not_know_it_names_no_voice(language: str) -> None:
    assert say_voice(language) == SayVoice(None, None)
