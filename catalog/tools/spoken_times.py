"""Days and times as they are said, in the agent's language."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from babel.dates import format_skeleton, format_time, get_day_names
from babel.lists import format_list
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.tools.date_words import locale_of, words_for_days


def spoken(moment: datetime, language: str) -> str:
    """Such as "Tuesday, 1 December at 15:00". `moment` is in the business's time zone."""
    return _("%(day)s at %(time)s") % {
        "day": spoken_day(moment, language),
        "time": spoken_time(moment, language),
    }


def spoken_day(day: date, language: str) -> str:
    locale = locale_of(language)
    weekday = get_day_names("wide", "format", locale)[day.weekday()]
    return f"{weekday}, {format_skeleton('MMMMd', day, locale=locale)}"


def spoken_time(moment: datetime, language: str) -> str:
    locale = locale_of(language)
    if "H" in locale.time_formats["short"].pattern:
        return f"{moment:%H:%M}"  # 1:00 could be taken for the afternoon
    # Locales put narrow spaces before PM, which voices stumble over.
    said: str = format_time(moment.time(), "short", locale=locale)
    return " ".join(said.split())


def one_of(choices: Sequence[str], language: str) -> str:
    """Such as "14:30, 15:30 or 16:00"."""
    said: str = format_list(list(choices), style="or", locale=locale_of(language))
    return said


def prepare(languages: Iterable[str]) -> None:
    """Read from disk what babel and gettext would read at the first use of a language.

    That takes 20-170 ms, in which every call of the process would be silent.
    """
    some_day = datetime(2026, 12, 1, 15, 0)  # noqa: DTZ001 (nobody is told of it)
    for language in {"en", *languages}:
        words_for_days(language)
        with translation.override(language):
            spoken(some_day, language)
        one_of(("1", "2", "3"), language)
