"""The words that name days and hours, by what they mean: babel's names, and a few of our own."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from babel import Locale, UnknownLocaleError

Tokens = tuple[str, ...]

# Babel's own choice for a language without a country is another one than ours: this project's
# `en` has a 24-hour clock and the day before the month, its `pt` is Portugal's.
_USUAL_COUNTRY = {"en": "en_150", "pt": "pt_PT"}
_MERIDIEM = re.compile(r"(?<![^\W\d_])([ap])\.?\s?m\b\.?")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")


class Kind(Enum):
    WEEKDAY = auto()  # 0 is Monday
    MONTH = auto()
    DAYS = auto()  # from today on
    UNIT = auto()  # of so many days, after a number
    THIS = auto()
    NEXT = auto()
    NEXT_WEEK = auto()
    NUMBER = auto()
    AM = auto()
    PM = auto()
    NIGHT = auto()
    CLOCK = auto()  # noon and midnight, in hours
    MINUTES = auto()  # to be added to the hour: half past
    PAST = auto()
    FILLER = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """`text` is as it was written: 03 is another thing than 3."""

    kind: Kind
    value: int = 0
    text: str = ""


class NotUnderstood(Exception):
    """There is a word in it that names no day and no hour."""


@cache
def locale_of(language: str) -> Locale:
    """Of a BCP-47 tag; English for one that babel does not know."""
    tag = language.replace("-", "_")
    for identifier in (_USUAL_COUNTRY.get(tag, tag), tag.partition("_")[0]):
        try:
            return Locale.parse(identifier)
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale.parse(_USUAL_COUNTRY["en"])


def plain(text: str) -> str:
    """Without case and accents, which transcripts and models leave out as they like."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if unicodedata.category(letter)[0] != "M")
    return _MERIDIEM.sub(r"\1m ", bare)


def words_in(text: str, known: Mapping[Tokens, Word]) -> tuple[Word, ...]:
    """The words but for fillers. Raises NotUnderstood: a guess would book the wrong day."""
    return tuple(word for word in _all_words(text, known) if word.kind is not Kind.FILLER)


def _all_words(text: str, known: Mapping[Tokens, Word]) -> Iterator[Word]:
    longest = max(map(len, known))
    tokens = tuple(_TOKEN.findall(plain(text)))
    at = 0
    while at < len(tokens):
        for end in range(min(len(tokens), at + longest), at, -1):
            if word := known.get(tokens[at:end]):
                yield word
                break
        else:
            end = at + 1
            if not tokens[at].isdecimal() or len(tokens[at]) > 4:
                raise NotUnderstood
            yield Word(Kind.NUMBER, int(tokens[at]), tokens[at])
        at = end


@cache
def words_for_days(language: str) -> Mapping[Tokens, Word]:
    """The language's own words go before English ones, which models use in any conversation."""
    known = {**_names(locale_of("en")), **words_for_times(language), **_names(locale_of(language))}
    return {tokens: word for tokens, word in known.items() if word is not None}


@cache
def words_for_times(language: str) -> Mapping[Tokens, Word]:
    """Without names: "dez" is ten here, and December in a day."""
    locale = locale_of(language)
    known = {**_OURS, **_halves_of_the_day(locale), **_fillers(locale)}
    return {tokens: word for tokens, word in known.items() if tokens}


def _names(locale: Locale) -> dict[Tokens, Word | None]:
    """None for what could be either ("mar" in Spanish), or two of a kind: nothing to book by."""
    weekdays: dict[Tokens, set[int]] = {}
    months: dict[Tokens, set[int]] = {}
    for found, kept in ((locale.days, weekdays), (locale.months, months)):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in found[context][width].items():
                    kept.setdefault(_tokens(name), set()).add(number)
    _add_first_words(weekdays)
    return {
        tokens: Word(kind, min(numbers)) if len(numbers) == 1 and tokens not in others else None
        for kind, mine, others in (
            (Kind.WEEKDAY, weekdays, months),
            (Kind.MONTH, months, weekdays),
        )
        for tokens, numbers in mine.items()
    }


def _add_first_words(weekdays: dict[Tokens, set[int]]) -> None:
    """People say "terça" for terça-feira, if no other day begins with that word."""
    for tokens, numbers in list(weekdays.items()):
        if len(tokens) > 1:
            weekdays.setdefault(tokens[:1], set()).update(numbers)


def _fillers(locale: Locale) -> dict[Tokens, Word]:
    """The small words between day and month, such as "de" in Portuguese."""
    pattern: str = locale.date_formats["full"].pattern
    return {_tokens(part): Word(Kind.FILLER) for part in re.findall(r"'([^']+)'", pattern)}


def _halves_of_the_day(locale: Locale) -> dict[Tokens, Word]:
    return {
        _tokens(locale.periods[name]): Word(kind)
        for name, kind in (("am", Kind.AM), ("pm", Kind.PM))
        if locale.periods.get(name)
    }


def _tokens(name: str) -> Tokens:
    return tuple(_TOKEN.findall(plain(name)))


def _meaning(kind: Kind, value: int, *phrases: str) -> dict[Tokens, Word]:
    return {_tokens(phrase): Word(kind, value) for phrase in phrases}


def _fill(words: str) -> dict[Tokens, Word]:
    return _meaning(Kind.FILLER, 0, *words.split())


def _count(first: int, words: str) -> dict[Tokens, Word]:
    """Number words in their order."""
    named = enumerate(words.split(), first)
    return {_tokens(word): Word(Kind.NUMBER, number) for number, word in named}


# English and Portuguese. No library has these for speech: dateparser made "amanhã às 15h" 3:00.
_OURS: Mapping[Tokens, Word] = {
    **_fill("the of on at in from about a an o os as e de do da das dos no na em para pelas pela"),
    **_fill("ao aos dia dias feira h hs hour hours hora horas st nd rd th er clock sharp daqui"),
    **_meaning(Kind.FILLER, 0, "o'clock", "em ponto", "por volta"),
    **_meaning(Kind.DAYS, 0, "today", "tonight", "hoje", "hoje à noite"),
    **_meaning(Kind.DAYS, 1, "tomorrow", "amanhã"),
    **_meaning(Kind.DAYS, 2, "day after tomorrow", "depois de amanhã"),
    **_meaning(Kind.DAYS, 7, "a week from today", "a week today", "in a week"),
    **_meaning(Kind.DAYS, 7, "de hoje a oito", "daqui a uma semana", "daqui a oito dias"),
    **_meaning(Kind.UNIT, 1, "day", "days", "day from now", "days from now", "dias"),
    **_meaning(Kind.UNIT, 7, "week", "weeks", "weeks from now", "semana", "semanas"),
    **_meaning(Kind.THIS, 0, "this", "este", "esta", "neste", "nesta"),
    **_meaning(Kind.NEXT, 0, "next", "coming", "próximo", "próxima", "que vem", "seguinte"),
    **_meaning(Kind.NEXT_WEEK, 0, "next week", "próxima semana", "semana que vem"),
    **_meaning(Kind.NEXT_WEEK, 0, "semana seguinte", "week after this"),
    **_meaning(Kind.WEEKDAY, 1, "tues"),
    **_meaning(Kind.WEEKDAY, 2, "weds"),
    **_meaning(Kind.WEEKDAY, 3, "thur", "thurs"),
    **_meaning(Kind.NUMBER, 1, "first", "primeiro"),
    **_count(1, "one two three four five six seven eight nine ten eleven twelve"),
    **_count(1, "uma duas três quatro cinco seis sete oito nove dez onze doze treze catorze"),
    **_count(15, "quinze dezasseis dezassete dezoito dezanove vinte"),
    **_count(16, "dezesseis dezessete"),
    **_meaning(Kind.NUMBER, 19, "dezenove"),
    **_meaning(Kind.NUMBER, 40, "forty", "quarenta"),
    **_meaning(Kind.NUMBER, 50, "fifty", "cinquenta"),
    **_meaning(Kind.NUMBER, 1, "um"),
    **_meaning(Kind.NUMBER, 2, "dois"),
    **_meaning(Kind.NUMBER, 15, "fifteen"),
    **_meaning(Kind.NUMBER, 20, "twenty"),
    **_meaning(Kind.NUMBER, 30, "thirty", "trinta"),
    **_meaning(Kind.NUMBER, 45, "forty-five", "quarenta e cinco"),
    **_meaning(Kind.AM, 0, "am", "morning", "in the morning", "manhã", "da manhã", "de manhã"),
    **_meaning(Kind.AM, 0, "madrugada", "da madrugada"),
    **_meaning(Kind.PM, 0, "pm", "afternoon", "in the afternoon", "tarde", "da tarde", "à tarde"),
    **_meaning(Kind.PM, 0, "evening", "in the evening"),
    **_meaning(Kind.NIGHT, 0, "night", "at night", "noite", "da noite", "à noite"),
    **_meaning(Kind.CLOCK, 12, "noon", "midday", "meio-dia"),
    **_meaning(Kind.CLOCK, 0, "midnight", "meia-noite"),
    **_meaning(Kind.MINUTES, 30, "half past", "e meia"),
    **_meaning(Kind.MINUTES, 15, "quarter past", "a quarter past", "e um quarto"),
    **_meaning(Kind.MINUTES, -15, "quarter to", "a quarter to"),
    **_meaning(Kind.PAST, 0, "past"),
}
