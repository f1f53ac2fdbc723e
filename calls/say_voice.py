"""In which voice does Twilio's <Say> speak a language? Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SayVoice:
    """The attributes of a <Say>. Both None: the voice that the Twilio account is set to."""

    language: str | None
    voice: str | None


# With a voice named, no account setting decides: Twilio's basic voice speaks five languages, and a
# <Say> in another one fails. The first of a language is for those that name no region.
_VOICES = {
    "en-US": "Polly.Joanna",
    "en-GB": "Polly.Amy",
    "en-AU": "Polly.Nicole",
    "en-IN": "Polly.Raveena",
    "pt-PT": "Polly.Ines",
    "pt-BR": "Polly.Camila",
    "es-ES": "Polly.Lucia",
    "es-MX": "Polly.Mia",
    "es-US": "Polly.Penelope",
    "fr-FR": "Polly.Lea",
    "fr-CA": "Polly.Chantal",
    "de-DE": "Polly.Vicki",
    "it-IT": "Polly.Bianca",
    "nl-NL": "Polly.Lotte",
    "pl-PL": "Polly.Ewa",
    "da-DK": "Polly.Naja",
    "sv-SE": "Polly.Astrid",
    "nb-NO": "Polly.Liv",
    "is-IS": "Polly.Dora",
    "ro-RO": "Polly.Carmen",
    "ru-RU": "Polly.Tatyana",
    "tr-TR": "Polly.Filiz",
    "hi-IN": "Polly.Aditi",
    "ja-JP": "Polly.Mizuki",
    "ko-KR": "Polly.Seoyeon",
    "cmn-CN": "Polly.Zhiyu",
}
_OTHER_NAMES = {"no": "nb", "zh": "cmn"}


def say_voice(language: str) -> SayVoice:
    """For an agent's language, BCP-47 such as en, pt-BR or zh-Hans-CN."""
    base, *rest = language.split("-")
    base = _OTHER_NAMES.get(base.lower(), base.lower())
    region = rest[-1].upper() if rest else ""
    of_base = [locale for locale in _VOICES if locale.split("-")[0] == base]
    if not of_base:
        return SayVoice(None, None)
    wanted = f"{base}-{region}"
    locale = wanted if wanted in of_base else of_base[0]
    return SayVoice(locale, _VOICES[locale])
