"""catalog/tools/times.py and what it is made of: when is meant, and how it is said."""

import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.tools.clock_times import clocks_in
from catalog.tools.context import ToolError
from catalog.tools.spoken_times import one_of, prepare, spoken
from catalog.tools.times import asked_for, moment_of

LISBON, SAO_PAULO, NEW_YORK = "Europe/Lisbon", "America/Sao_Paulo", "America/New_York"
SUNDAY = "2026-11-22 14:05"


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def in_hours(moment: datetime) -> bool:
    return 9 <= moment.hour < 18


def always(moment: datetime) -> bool:
    return True


def understood(
    date: str, time: str, *, language: str = "en", zone: str = LISBON, now: str = SUNDAY,
    is_open=in_hours,
) -> datetime:  # fmt: skip
    right_now = at(now, zone)
    return moment_of(asked_for(date, time, right_now, language), right_now, language, is_open)


def refusal(date: str, time: str, **more: object) -> str:
    with pytest.raises(ToolError) as caught:
        understood(date, time, **more)
    return caught.value.spoken_message


# Days -------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [LISBON, SAO_PAULO, NEW_YORK])
@pytest.mark.parametrize(
    ("language", "date", "day"),
    [
        ("en", "2026-12-01", "2026-12-01"),
        ("en", "2026/12/01", "2026-12-01"),
        ("en", "today", "2026-11-22"),
        ("en", "tomorrow", "2026-11-23"),
        ("en", "the day after tomorrow", "2026-11-24"),
        ("en", "Tuesday", "2026-11-24"),
        ("en", "on Tues", "2026-11-24"),
        ("en", "next Tuesday", "2026-11-24"),
        ("en", "this Friday", "2026-11-27"),
        ("en", "next Sunday", "2026-11-29"),
        ("en", "Friday next week", "2026-11-27"),
        ("en", "in three days", "2026-11-25"),
        ("en", "in 2 weeks", "2026-12-06"),
        ("en", "a week from today", "2026-11-29"),
        ("en", "1 December", "2026-12-01"),
        ("en", "December 1st, 2026", "2026-12-01"),
        ("en", "the first of December", "2026-12-01"),
        ("en", "Tuesday, 1 December", "2026-12-01"),
        ("en", "Tuesday 2026-12-01", "2026-12-01"),
        ("en", "the 5th", "2026-12-05"),
        ("en", "5 January", "2027-01-05"),
        ("en", "25/12", "2026-12-25"),
        ("en-US", "12/3", "2026-12-03"),
        ("en-GB", "3/12", "2026-12-03"),
        ("pt", "hoje", "2026-11-22"),
        ("pt", "amanhã", "2026-11-23"),
        ("pt", "amanha", "2026-11-23"),
        ("pt", "depois de amanhã", "2026-11-24"),
        ("pt", "terça-feira", "2026-11-24"),
        ("pt", "na terça", "2026-11-24"),
        ("pt", "TERÇA FEIRA", "2026-11-24"),
        ("pt", "próxima terça-feira", "2026-11-24"),
        ("pt", "terça que vem", "2026-11-24"),
        ("pt", "sexta da próxima semana", "2026-11-27"),
        ("pt", "sábado", "2026-11-28"),
        ("pt", "daqui a 3 dias", "2026-11-25"),
        ("pt", "daqui a duas semanas", "2026-12-06"),
        ("pt", "1 de dezembro", "2026-12-01"),
        ("pt", "terça-feira, 1 de dezembro de 2026", "2026-12-01"),
        ("pt", "dia 5 de janeiro", "2027-01-05"),
        ("pt", "dia 5", "2026-12-05"),
        ("pt", "3/12", "2026-12-03"),
        ("pt", "tomorrow", "2026-11-23"),
        ("pt-BR", "primeiro de dezembro", "2026-12-01"),
        ("pt-BR", "segunda", "2026-11-23"),
        ("pt-BR", "01/12/2026", "2026-12-01"),
        ("es", "martes, 1 de diciembre", "2026-12-01"),
        ("fr", "mardi", "2026-11-24"),
        ("de", "Dienstag, 1. Dezember", "2026-12-01"),
        ("it", "martedì", "2026-11-24"),
        ("pl", "wtorek, 1 grudnia", "2026-12-01"),
    ],
)
def test_it_understands_a_day(language: str, date: str, day: str, zone: str) -> None:
    assert understood(date, "15:00", language=language, zone=zone) == at(f"{day} 15:00", zone)


@pytest.mark.parametrize(
    ("language", "date"),
    [
        ("en", "some day"),
        ("en", "the Tuesday after Easter"),
        ("en", "Monday or Tuesday"),
        ("en", "yesterday"),
        ("en", "2026-02-30"),
        ("en", "31 November"),
        ("en", "3/4"),  # April or March
        ("en", "December"),
        ("en", "tomorrow week"),
        ("en", "99999"),
        ("pt", "ontem"),
        ("pt", "qualquer dia"),
        ("es", "mar"),  # martes or marzo
        ("en", "\N{ROMAN NUMERAL FIVE}"),
    ],
)
def test_it_asks_again_rather_than_guess_a_day(language: str, date: str) -> None:
    assert "did not understand the day" in refusal(date, "15:00", language=language)


def test_it_asks_when_the_day_of_the_week_is_another() -> None:
    assert "another day of the week" in refusal("Monday, 1 December", "15:00")
    assert "another day of the week" in refusal("Monday 2026-12-01", "15:00")


def test_a_weekday_that_is_today_may_be_today_or_in_a_week() -> None:
    assert refusal("Sunday", "15:00") == (
        "Do you mean today, Sunday, 22 November, or a week from today?"
    )
    assert understood("this Sunday", "15:00") == at("2026-11-22 15:00", LISBON)


def test_a_weekday_chooses_the_year() -> None:
    """1 December is a Tuesday this year and a Wednesday the next."""
    assert understood("Wednesday, 1 December", "9:00", now="2026-12-01 14:05").year == 2027


# Times of day -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "time", "clock"),
    [
        ("en", "15:00", "15:00"),
        ("en", "15:00:00", "15:00"),
        ("en", "1500", "15:00"),
        ("en", "09:30", "09:30"),
        ("en", "3 pm", "15:00"),
        ("en", "3pm", "15:00"),
        ("en", "3 P.M.", "15:00"),
        ("en", "3:30 p.m.", "15:30"),
        ("en", "at 3 in the afternoon", "15:00"),
        ("en", "three o'clock", "15:00"),
        ("en", "half past three", "15:30"),
        ("en", "quarter to four", "15:45"),
        ("en", "ten past three in the afternoon", "15:10"),
        ("en", "9 in the morning", "09:00"),
        ("en", "9", "09:00"),
        ("en", "3", "15:00"),
        ("en", "noon", "12:00"),
        ("en", "12", "12:00"),
        ("en", "12:15 pm", "12:15"),
        ("pt", "15h30", "15:30"),
        ("pt", "15h", "15:00"),
        ("pt", "às 15h", "15:00"),
        ("pt", "15 horas", "15:00"),
        ("pt", "15.30", "15:30"),
        ("pt", "3 da tarde", "15:00"),
        ("pt", "às três e meia da tarde", "15:30"),
        ("pt", "três e um quarto", "15:15"),
        ("pt", "quinze e trinta", "15:30"),
        ("pt", "às dez", "10:00"),
        ("pt", "9h da manhã", "09:00"),
        ("pt", "meio-dia", "12:00"),
        ("pt", "meio dia e meia", "12:30"),
        ("pt", "3 pm", "15:00"),
    ],
)
def test_it_understands_a_time_of_day(language: str, time: str, clock: str) -> None:
    assert understood("2026-12-01", time, language=language) == at(f"2026-12-01 {clock}", LISBON)


@pytest.mark.parametrize(
    ("time", "clock"),
    [("9 pm", "21:00"), ("nove da noite", "21:00"), ("uma da noite", "01:00"), ("12 am", "00:00"),
     ("midnight", "00:00"), ("00:00", "00:00"), ("03:00", "03:00"), ("3 da madrugada", "03:00")],
)  # fmt: skip
def test_it_understands_the_night(time: str, clock: str) -> None:
    assert understood("2026-12-01", time, is_open=always) == at(f"2026-12-01 {clock}", LISBON)


@pytest.mark.parametrize(
    "time", ["soon", "25:00", "15:75", "3 pm am", "13 am", "3 4 5 6", "15 to 4", "123456", "-"]
)
def test_it_asks_again_rather_than_guess_a_time(time: str) -> None:
    assert "did not understand the time" in refusal("2026-12-01", time)


def test_an_hour_alone_is_the_one_within_the_opening_hours() -> None:
    assert understood("tomorrow", "8", is_open=lambda it: it.hour >= 18).hour == 20


def test_it_asks_which_half_of_the_day_when_both_are_open() -> None:
    assert "morning, or in the afternoon" in refusal("tomorrow", "8", is_open=always)
    assert understood("today", "8", is_open=always).hour == 20, "this morning has passed"


def test_it_asks_for_what_was_not_named() -> None:
    assert refusal("", "15:00") == "Which day would you like?"
    assert refusal("tomorrow", "") == "At what time would you like to come?"


@pytest.mark.parametrize(
    "date",
    [
        "tomorrow at 3 pm",
        "tomorrow, 15:00",
        "2026-11-23 15:00",
        "2026-11-23T15:00:00",
        "amanhã às 15h",
    ],
)
def test_it_finds_the_time_that_stands_in_the_day(date: str) -> None:
    assert understood(date, "") == at("2026-11-23 15:00", LISBON)


# Zones ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "time", "zone", "moment"),
    [
        ("2026-12-01T15:00:00Z", "", SAO_PAULO, "2026-12-01 12:00"),
        ("2026-12-01T15:00:00-05:00", "", LISBON, "2026-12-01 20:00"),
        ("2026-12-01", "2026-12-01T15:00+01:00", LISBON, "2026-12-01 14:00"),
        ("2026-12-01", "15:00Z", NEW_YORK, "2026-12-01 10:00"),
        ("1 December", "23:30-0500", LISBON, "2026-12-02 04:30"),
        ("2026-12-01T15:00:00", "15:00", LISBON, "2026-12-01 15:00"),
    ],
)
def test_an_offset_is_converted(date: str, time: str, zone: str, moment: str) -> None:
    assert understood(date, time, zone=zone, is_open=always) == at(moment, zone)


def test_two_days_that_differ_are_no_day() -> None:
    assert "day" in refusal("2026-12-02", "2026-12-01T15:00")


def test_an_hour_that_is_left_out_when_clocks_change_is_refused() -> None:
    assert "clocks change" in refusal("2027-03-28", "01:30")
    assert understood("2027-03-28", "02:00", is_open=always).utcoffset() == timedelta(hours=1)


def test_of_an_hour_that_comes_twice_the_first_is_taken() -> None:
    twice = understood("2026-10-25", "01:30", now="2026-10-20 12:00", is_open=always)
    assert twice.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "time"), [("today", "14:05"), ("today", "9 am"), ("2026-11-21", "15:00")]
)
def test_the_past_is_refused(date: str, time: str) -> None:
    assert "passed already" in refusal(date, time)


def test_more_than_a_year_ahead_is_refused() -> None:
    assert "more than a year" in refusal("2027-11-24", "15:00")
    assert understood("2027-11-23", "15:00").year == 2027


# As it is said ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Tuesday, 1 December at 15:00"),
        ("en-GB", "Tuesday, 1 December at 15:00"),
        ("en-US", "Tuesday, December 1 at 3:00 PM"),
        ("pt", "terça-feira, 1 de dezembro"),
        ("pt-BR", "terça-feira, 1 de dezembro"),
        ("de", "Dienstag, 1. Dezember"),
        ("xx", "Tuesday, 1 December at 15:00"),
        ("", "Tuesday, 1 December at 15:00"),
    ],
)
def test_it_is_said_in_the_language_of_the_agent(language: str, said: str) -> None:
    assert spoken(at("2026-12-01 15:00", LISBON), language).startswith(said)


def test_choices_are_joined_in_the_language_of_the_agent() -> None:
    assert one_of(["14:30", "15:30", "16:00"], "pt") == "14:30, 15:30 ou 16:00"


@settings(max_examples=300, deadline=None)
@given(
    language=st.sampled_from(
        ["en", "en-GB", "en-US", "pt", "pt-PT", "pt-BR", "es", "fr", "de", "it", "nl", "pl", "sv"]
    ),
    zone=st.sampled_from([LISBON, SAO_PAULO, NEW_YORK, "Asia/Kathmandu", "Australia/Lord_Howe"]),
    begun=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    ahead_minutes=st.integers(1, 365 * 24 * 60),
)
def test_what_is_said_is_understood_again(
    language: str, zone: str, begun: datetime, ahead_minutes: int
) -> None:
    now = begun.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    later = (now.astimezone(UTC) + timedelta(minutes=ahead_minutes)).astimezone(ZoneInfo(zone))
    moment = later.replace(second=0, microsecond=0, fold=0)
    if moment <= now or moment.astimezone(UTC).astimezone(moment.tzinfo) != moment:
        return
    day, _, time = spoken(moment, language).partition(" at ")
    again = moment_of(asked_for(day, time, now, language), now, language, always)
    assert again == moment


@settings(max_examples=300, deadline=None)
@given(
    date=st.text(max_size=100), time=st.text(max_size=100), language=st.sampled_from(["en", "pt"])
)
def test_whatever_is_said_ends_in_a_moment_ahead_or_in_a_question(
    date: str, time: str, language: str
) -> None:
    now = at(SUNDAY, LISBON)
    try:
        moment = moment_of(asked_for(date, time, now, language), now, language, always)
    except ToolError as error:
        assert error.spoken_message
    else:
        assert now < moment < now + timedelta(days=367)


def test_a_warm_process_reads_nothing_from_disk_to_understand_or_say_a_time() -> None:
    program = """
import builtins, io, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "voiceagent.settings"
django.setup()
from datetime import datetime
from zoneinfo import ZoneInfo
from django.utils import translation
from catalog.tools.spoken_times import one_of, prepare, spoken
from catalog.tools.times import asked_for, moment_of
prepare(["pt", "en-US"])
now = datetime(2026, 11, 22, 14, 5, tzinfo=ZoneInfo("Europe/Lisbon"))
def no(*args, **more): raise AssertionError(f"opened {args}")
builtins.open = io.open = os.open = no
for language in ("pt", "en-US", "en"):
    with translation.override(language):
        asked = asked_for("tomorrow", "3 pm", now, language)
        spoken(moment_of(asked, now, language, lambda moment: True), language)
        one_of(("1", "2"), language)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_preparing_a_language_nobody_knows_harms_nothing() -> None:
    prepare(["xx-YY", "", "tlh"])


@pytest.mark.parametrize(
    ("language", "said", "clock"),
    [
        ("pt", "dez e vinte e cinco", "10:25"),
        ("pt", "nove e trinta e cinco", "09:35"),
        ("pt", "vinte e uma horas", "21:00"),
        ("pt-BR", "dezesseis horas", "16:00"),
        ("pt-BR", "dezenove horas", "19:00"),
        ("pt", "para as 15h", "15:00"),
        ("pt", "catorze e quinze", "14:15"),
        ("en", "ten twenty five", "10:25"),
        ("en", "twenty one", "21:00"),
        ("en", "15:00:00", "15:00"),
    ],
)
def test_numbers_in_words_are_read_whole(language: str, said: str, clock: str) -> None:
    assert time.fromisoformat(clock) in clocks_in(said, language)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pt", "das 14h às 15h"),
        ("pt", "das duas às três"),
        ("pt", "das dez às onze"),
        ("pt", "de 3 a 4"),
        ("pt-BR", "quinze para as três da tarde"),
        ("pt-BR", "dez para as três"),
        ("pt-BR", "cinco para as quatro"),
        ("pt", "entre as duas e as três"),
        ("en", "2-3 pm"),
        ("en", "10 - 11"),
        ("en", "14-15"),
        ("en", "9 10 11"),
        ("en", "from 3 to 4"),
        ("en", "ten to three"),
        ("en", "14:00-15:00"),
        ("en", "10:00-11:00"),
    ],
)
def test_two_times_or_a_way_around_one_end_in_a_question(language: str, said: str) -> None:
    now = datetime(2026, 11, 22, 14, 5, tzinfo=ZoneInfo("Europe/Lisbon"))
    with pytest.raises(ToolError):
        asked_for("2026-12-01", said, now, language)
