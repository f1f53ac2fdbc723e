"""By what is the list of calls narrowed? The names in its address are used by links elsewhere."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter

from calls.budgets import FIRST_AUDIO, REPLY
from calls.models import Call, CallEvent, CallReview, EndedBy, Status, ToolRun
from calls.review_tags import tags_in_use
from catalog.models import Agent, PhoneNumber

Choices = Iterable[tuple[str, Any]]
LOST_EARLY_MS = 10_000
UNHAPPY = 2  # of 5
MOST_DIGITS = 18  # a database's keys have no more


class Filter(DropdownFilter):
    def value(self) -> str | None:
        value: str | None = super().value()
        return value.replace("\0", "") if value else value  # PostgreSQL takes no such sign


class FromRows(Filter):
    """Offers what there is, and what the address names: Django leaves a filter out that offers
    nothing, and would show every call.
    """

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        offered = list(self.there_are())
        asked = self.value()
        known = {value for value, _shown in offered}
        return [*offered, (asked, asked)] if asked and asked not in known else offered

    def there_are(self) -> Choices:
        raise NotImplementedError


class ByAgent(FromRows):
    """?agent=7, by the agent's key: names change."""

    title = _("agent")
    parameter_name = "agent"

    def there_are(self) -> Choices:
        return [(str(pk), name) for pk, name in Agent.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        key = self.value()
        if not key:
            return queryset
        readable = key.isdecimal() and len(key) <= MOST_DIGITS
        return queryset.filter(agent_key=int(key)) if readable else queryset.none()


class ByNumber(FromRows):
    """?number=+351200000001, the number that was dialled."""

    title = _("number dialled")
    parameter_name = "number"

    def there_are(self) -> Choices:
        numbers = PhoneNumber.objects.order_by("number").values_list("number", "label")
        return [(number, f"{number} {label}".strip()) for number, label in numbers]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset.filter(to_number=self.value()) if self.value() else queryset


class ByPeriod(Filter):
    """?period=yesterday: days of the admin's time zone, today among them."""

    title = _("period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return (
            ("today", _("Today")),
            ("yesterday", _("Yesterday")),
            ("7", _("Last 7 days")),
            ("30", _("Last 30 days")),
            ("90", _("Last 90 days")),
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        period = self.value()
        today = _midnight(0)
        if period == "yesterday":
            return queryset.filter(created_at__gte=_midnight(1), created_at__lt=today)
        days = {"today": 0, "7": 6, "30": 29, "90": 89}.get(period or "")
        return queryset if days is None else queryset.filter(created_at__gte=_midnight(days))


def _midnight(days_ago: int) -> datetime:
    day = timezone.localdate() - timedelta(days=days_ago)
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


class ByDay(RangeDateFilter):
    """?created_at_from=2026-03-01&created_at_to=2026-03-09: whole days, both among them."""

    title = _("day")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        for end, lookup, days in (("from", "gte", 0), ("to", "lt", 1)):
            day = _day(self.used_parameters.get(f"{self.parameter_name}_{end}"))
            if day is not None:
                moment = timezone.make_aware(day + timedelta(days=days))
                queryset = queryset.filter(**{f"created_at__{lookup}": moment})
        return queryset


def _day(written: object) -> datetime | None:
    """None for what is no day, and for one of another age, which databases refuse."""
    try:
        day = datetime.strptime(str(written), "%Y-%m-%d")  # noqa: DTZ007 (the admin's zone)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


class ByStatus(Filter):
    """?status=completed."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return Status.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class ByEnd(Filter):
    """?ended_by=caller."""

    title = _("ended by")
    parameter_name = "ended_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return EndedBy.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset.filter(ended_by=self.value()) if self.value() else queryset


class ByRating(Filter):
    """?rating=4, or none."""

    title = _("rating")
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return (*((str(stars), "★" * stars) for stars in range(5, 0, -1)), ("none", _("Not rated")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        rating = self.value()
        if rating == "none":
            return queryset.filter(review__rating__isnull=True)
        if rating in {"1", "2", "3", "4", "5"}:
            return queryset.filter(review__rating=rating)
        return queryset


class ByTag(FromRows):
    """?tag=complaint."""

    title = _("tag")
    parameter_name = "tag"

    def there_are(self) -> Choices:
        return [(tag, tag) for tag in tags_in_use()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        tag = self.value()
        if not tag:
            return queryset
        reviews = CallReview.objects.filter(
            Q(tags=tag)
            | Q(tags__startswith=f"{tag}, ")
            | Q(tags__endswith=f", {tag}")
            | Q(tags__contains=f", {tag}, ")
        )
        return queryset.filter(pk__in=reviews.values("call_id"))


class WorthALook(Filter):
    """?look=lost-early: what a manager would want to hear of."""

    title = _("worth a look")
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return (
            ("lost-early", _("Caller hung up within 10 s")),
            ("slow", _("Slower than it should be")),
            ("errors", _("A provider or a tool failed")),
            ("unhappy", _("Poor rating or survey")),
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        wanted = {
            "lost-early": Q(ended_by=EndedBy.CALLER, duration_ms__lt=LOST_EARLY_MS),
            "slow": Q(usual_reply_ms__gt=REPLY.most_ms) | Q(first_audio_ms__gt=FIRST_AUDIO.most_ms),
            "errors": _failed(),
            "unhappy": Q(review__rating__lte=UNHAPPY) | Q(survey__score__lte=UNHAPPY),
        }.get(self.value() or "")
        return queryset.filter(wanted) if wanted is not None else queryset


def _failed() -> Q:
    events = CallEvent.objects.filter(name__endswith=" error")
    runs = ToolRun.objects.filter(outcome__in=("error", "timeout"))
    return Q(pk__in=events.values("call_id")) | Q(pk__in=runs.values("call_id"))


FILTERS = (
    ByPeriod,
    ("created_at", ByDay),
    ByAgent,
    ByNumber,
    ByStatus,
    ByEnd,
    ByRating,
    ByTag,
    WorthALook,
)
_OF_DAYS = ("created_at_from", "created_at_to")
NAMES = frozenset(
    {*_OF_DAYS, *(str(it.parameter_name) for it in FILTERS if not isinstance(it, tuple))}
)
