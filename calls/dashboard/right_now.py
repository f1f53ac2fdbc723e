"""What is going on at this moment? Two queries, whatever period is looked at."""

from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import BigIntegerField, Count, Q, Value
from django.db.models.functions import Cast
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from calls.dashboard.asked import Asked
from calls.models import Call, Status
from catalog.models import Agent, PhoneNumber


@dataclass(frozen=True, slots=True)
class RightNow:
    live: int
    today: int
    live_link: str
    today_link: str


def right_now() -> RightNow:
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    live, today = Q(status=Status.IN_PROGRESS), Q(created_at__gte=midnight)
    found = (
        Call.objects.filter(live | today)
        .order_by()
        .aggregate(live=Count("pk", filter=live), today=Count("pk", filter=today))
    )
    calls = reverse("admin:calls_call_changelist")
    try:
        live_link = reverse("admin:calls_live")
    except NoReverseMatch:
        live_link = f"{calls}?status={Status.IN_PROGRESS.value}"
    return RightNow(found["live"], found["today"], live_link, f"{calls}?period=today")


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    agents: tuple[Choice, ...]
    numbers: tuple[Choice, ...]


def choices(asked: Asked) -> Choices:
    """Who answers, and on which numbers; what was chosen and is gone from the catalog is kept."""
    keys = Cast("pk", BigIntegerField())
    agents = Agent.objects.order_by().annotate(kind=Value("agent"), key=keys)
    numbers = PhoneNumber.objects.order_by().annotate(kind=Value("number"), key=keys)
    rows = agents.values_list("kind", "key", "name").union(
        numbers.values_list("kind", "key", "number")
    )
    found = sorted((name, kind, key) for kind, key, name in rows)
    named = [(str(key), name) for name, kind, key in found if kind == "agent"]
    dialled = [(name, name) for name, kind, _key in found if kind == "number"]
    agent = "" if asked.agent_key is None else str(asked.agent_key)
    return Choices(_choices(named, agent), _choices(dialled, asked.number))


def _choices(known: list[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    if chosen and chosen not in {value for value, _label in known}:
        known = [*known, (chosen, f"#{chosen}" if chosen.isdecimal() else chosen)]
    return tuple(Choice(value, label, value == chosen) for value, label in known)
