"""How staff read the time of an appointment, in the zone of the admin."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime


def span(starts_at: datetime, ends_at: datetime) -> str:
    """Such as Tue 1 Dec 2026, 10:00 – 10:30."""
    begins, ends = localtime(starts_at), localtime(ends_at)
    is_one_day = begins.date() == ends.date()
    return f"{_moment(begins)} – {f'{ends:%H:%M}' if is_one_day else _moment(ends)}"


def _moment(moment: datetime) -> str:
    return f"{date_format(moment, 'D j M Y')}, {moment:%H:%M}"
