"""Into which rows of figures does what a call measured go, and how is it added to them?"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from calls.figures import bucket_of
from calls.models import Call, Figure, Metric

Key = tuple[datetime, int, str, str, int]  # hour, agent, number, metric, bucket


def rows_of(call: Call, metric: Metric, values_ms: Iterable[float | None]) -> Counter[Key]:
    hour, agent_key = hour_of(call.created_at), call.agent_key or 0
    return Counter(
        (hour, agent_key, call.to_number, str(metric), bucket_of(ms))
        for ms in values_ms
        if ms is not None
    )


def hour_of(moment: datetime) -> datetime:
    """When the hour of the admin's zone began, which in some zones is half past one in UTC."""
    here = timezone.localtime(moment, timezone.get_default_timezone())
    return moment - timedelta(
        minutes=here.minute, seconds=here.second, microseconds=here.microsecond
    )


def add(counts: Counter[Key]) -> None:
    """In one order everywhere: two servers that wait for each other's rows would both fail."""
    for (hour, agent_key, to_number, metric, bucket), count in sorted(counts.items(), key=str):
        row, made = Figure.objects.get_or_create(
            hour=hour,
            agent_key=agent_key,
            to_number=to_number,
            metric=metric,
            bucket=bucket,
            defaults={"count": count},
        )
        if not made:
            Figure.objects.filter(pk=row.pk).update(count=F("count") + count)
