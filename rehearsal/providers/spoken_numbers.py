"""Numbers in figures: "three thirty" becomes 3:30. English and Portuguese. Pure."""

import re


def _count(words: str, first: int, step: int = 1) -> dict[str, int]:
    return {word: first + index * step for index, word in enumerate(words.split())}


_SMALL = {
    **_count("one two three four five six seven eight nine ten eleven twelve thirteen", 1),
    **_count("fourteen fifteen sixteen seventeen eighteen nineteen", 14),
    **_count("first second third fourth fifth sixth seventh eighth ninth tenth eleventh", 1),
    **_count("twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth", 12),
    **_count("nineteenth twentieth", 19),
    **_count("um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze", 1),
    **_count("uma duas tres", 1),
    **_count("dezasseis dezassete dezoito dezanove", 16),
    **_count("dezesseis dezessete", 16),
    "dezenove": 19,
    "quatorze": 14,
    "primeiro": 1,
    "thirtieth": 30,
}
_TENS = {
    **_count("twenty thirty forty fifty", 20, 10),
    **_count("vinte trinta quarenta cinquenta", 20, 10),
}
_ENGLISH_TENS = "twenty|thirty|forty|fifty"
_PORTUGUESE_TENS = "vinte|trinta|quarenta|cinquenta"
_ANY = "|".join(sorted((*_SMALL, *_TENS), key=len, reverse=True))
_NUMBER = re.compile(
    rf"\b(?:(?P<tens>{_ENGLISH_TENS})(?:[ -](?P<unit>{'|'.join(_SMALL)}))?"
    rf"|(?P<dezenas>{_PORTUGUESE_TENS})(?: e (?P<unidade>{'|'.join(_SMALL)}))?"
    rf"|(?P<small>{_ANY}))\b",
    re.IGNORECASE,
)
_OH = re.compile(r"\b(\d{1,2}) (?:oh|o) (\d)\b", re.IGNORECASE)
_HOUR_AND_MINUTES = re.compile(r"\b(2[0-3]|1?\d)(?: e | )([1-5]\d|0\d)\b(?! (?:days|weeks|dias))")


def in_figures(words: str) -> str:
    """The same words with their numbers in figures; an hour and minutes with a colon."""
    figures = _OH.sub(r"\1 0\2", _NUMBER.sub(_figure, words))
    return _HOUR_AND_MINUTES.sub(r"\1:\2", figures)


def _figure(found: re.Match[str]) -> str:
    tens = found["tens"] or found["dezenas"]
    unit = found["unit"] or found["unidade"]
    if not tens:
        small = found["small"].lower()
        return str(_SMALL.get(small, _TENS.get(small)))
    if unit and _SMALL[unit.lower()] > 9:  # "twenty fifteen" is two numbers
        return f"{_TENS[tens.lower()]} {_SMALL[unit.lower()]}"
    return str(_TENS[tens.lower()] + (_SMALL[unit.lower()] if unit else 0))
