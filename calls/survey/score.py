"""Which score, 1 to 5, do these words give? Pure.

A wrong score is worse than none: what is not plainly one gives None.
"""

import re
import unicodedata


def words(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5,
    "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5,
}  # fmt: skip
# Also an article, a pronoun, or a sound that people make: a number only beside words of ANSWERING.
ONE = frozenset({"one", "um", "uma"})
OTHER_NUMBERS = words(
    "zero six seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty"
    " ninety hundred thousand half none nobody seis sete oito nove dez onze doze vinte trinta"
    " quarenta cinquenta cem mil meio nenhum nenhuma ninguem"
)
ANSWERING = words(
    "a i i'd i'll it it's the call was is would give say go with maybe probably just only well"
    " definitely star stars out of point points number score please thanks thank you yes ok okay"
    " very bad poor terrible awful good sorry uh eh hmm"
    " nota dou daria diria e eu o ao a estrela estrelas ponto pontos em de por favor obrigado"
    " obrigada so apenas talvez acho que seria foi muito mau ma ruim pessimo sim"
)
# "Two questions" counts things, and scores nothing.
COUNTED = words(
    "thumbs minute minutes second seconds hour hours day days week weeks month months year years"
    " time times people person persons question questions thing things o'clock am pm percent euro"
    " euros dollars more others minuto minutos segundos hora horas dia dias semana semanas meses"
    " anos vezes pessoas pergunta perguntas coisa coisas reais mais outros outras"
)
ARTICLES = frozenset({"a", "um", "uma"})
NOT = frozenset({"not", "nao", "isn't", "wasn't"})

_SCALE = re.compile(
    r"\b(?:from |between |de |entre )?(?:1|one|um) ?(?:to|and|a|e|-) ?(?:5|five|cinco)\b"
    r"|(?<=\b[1-5])\s?/\s?5\b"
    r"|(?<=\w)\s+(?:(?:stars?|points?) )?(?:out )?of (?:5|five)\b"
    r"|(?<=\w)\s+(?:(?:estrelas?|pontos?) )?(?:em|de) (?:5|cinco)\b"
)  # fmt: skip
_STARS = re.compile(r"[★⭐🌟]")
_TOKEN = re.compile(r"[-−]?\d+(?:[.,:/h]\d+)*\w*|[a-z]+(?:'[a-z]+)*")
MOST_CHARACTERS = 1_000


def score_in(text: str, language: str = "pt") -> int | None:
    """`language` tells whether "um" is a number: in English it is none."""
    plain = plainly(text)
    stars = len(_STARS.findall(plain))
    tokens = _TOKEN.findall(_SCALE.sub(" ", plain))
    if stars:
        return stars if stars <= 5 and not any(token[0].isdigit() for token in tokens) else None
    found = _values(tokens, language)
    return found.pop() if len(found) == 1 and None not in found else None


def plainly(text: str) -> str:
    """In small letters, without accents, and with the digits of every script and keycap."""
    folded = unicodedata.normalize("NFKD", text[:MOST_CHARACTERS]).casefold().replace("’", "'")
    kept = (letter for letter in folded if not unicodedata.combining(letter))
    return "".join(_digit(letter) for letter in kept if letter not in "\ufe0f\u20e3")


def _digit(letter: str) -> str:
    return str(unicodedata.digit(letter)) if letter.isdigit() else letter


def _values(tokens: list[str], language: str) -> set[int | None]:
    """What numbers stand there; None for each that is no score."""
    values: set[int | None] = set()
    for index, token in enumerate(tokens):
        if token in OTHER_NUMBERS:
            values.add(None)
            continue
        value = _value(token, tokens, language)
        if value is None and token != "one" and not _is_figure(token):
            continue
        following = tokens[index + 1] if index + 1 < len(tokens) else ""
        before = [word for word in tokens[:index] if word not in ARTICLES][-1:]
        scored = value is not None and following not in COUNTED and NOT.isdisjoint(before)
        values.add(value if scored else None)
    return values


def _value(token: str, tokens: list[str], language: str) -> int | None:
    if token in {"1", "2", "3", "4", "5"}:
        return int(token)
    if token in NUMBERS:
        return NUMBERS[token]
    if token not in ONE or (token != "one" and not language.lower().startswith("pt")):
        return None
    others = [other for other in tokens if other not in ONE]
    return 1 if ANSWERING.issuperset(others) else None


def _is_figure(token: str) -> bool:
    return token[0].isdigit() or token[0] in "-−"
