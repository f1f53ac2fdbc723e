"""What was asked of the dashboard? Its address, read and written: any address gives a page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.dashboard.period import CUSTOM, LONGEST_DAYS, REACH, USUAL, Period, from_to, of_key
from calls.models import Call

AGENT_KEY = re.compile(r"[0-9]{1,18}")
NUMBER = re.compile(r"\+?[0-9]{2,20}")
FIRST_YEAR, LAST_YEAR = 2000, 2200  # what lies outside makes no midnight in some zones


@dataclass(frozen=True, slots=True)
class Asked:
    period: Period
    agent_key: int | None = None
    number: str = ""
    problems: tuple[str, ...] = ()  # sentences on what of the address was not understood

    def calls(self) -> QuerySet[Call]:
        return Call.objects.order_by().filter(**self.of_calls())

    def of_calls(self, path: str = "") -> dict[str, Any]:
        """As lookups; with the path to the call, of what hangs on one."""
        lookups: dict[str, Any] = {
            f"{path}created_at__gte": self.period.start,
            f"{path}created_at__lt": self.period.end,
        }
        if self.agent_key is not None:
            lookups[f"{path}agent_key"] = self.agent_key
        if self.number:
            lookups[f"{path}to_number"] = self.number
        return lookups

    def query(self) -> str:
        """What leads to this view again."""
        values: dict[str, object] = {"period": self.period.key}
        if self.period.key == CUSTOM:
            values |= {"from": self.period.first, "to": self.period.last}
        return urlencode(values | self._whose())

    def list_link(self, days: tuple[date, date] | None = None, **narrowed: str) -> str:
        """These calls in the list of calls."""
        first, last = days or (self.period.first, self.period.last)
        values = {"created_at_from": first, "created_at_to": last, **self._whose(), **narrowed}
        return f"{reverse('admin:calls_call_changelist')}?{urlencode(values)}"

    def _whose(self) -> dict[str, object]:
        values: dict[str, object] = {}
        if self.agent_key is not None:
            values["agent"] = self.agent_key
        if self.number:
            values["number"] = self.number
        return values


def read(address: Mapping[str, str]) -> Asked:
    problems: list[str] = []
    period = _period(address, problems)
    agent, number = address.get("agent", "").strip(), address.get("number", "").strip()
    if agent and not AGENT_KEY.fullmatch(agent):
        problems.append(_("There is no such agent: all agents are shown."))
        agent = ""
    if number and not NUMBER.fullmatch(number):
        problems.append(_("That is no phone number: all numbers are shown."))
        number = ""
    return Asked(period, int(agent) if agent else None, number, tuple(problems))


def _period(address: Mapping[str, str], problems: list[str]) -> Period:
    key, today = address.get("period", "") or USUAL, timezone.localdate()
    if key in REACH:
        return of_key(key, today)
    first, last = _day(address.get("from", "")), _day(address.get("to", ""))
    if key != CUSTOM or (first is None and last is None):
        problems.append(_("That period was not understood: yesterday and today are shown."))
        return of_key(USUAL, today)
    chosen = from_to(first or last or today, last or today)
    if first is not None and abs(((last or today) - first).days) >= LONGEST_DAYS:
        problems.append(_("At most a year is shown at once: its last part is."))
    return chosen


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
