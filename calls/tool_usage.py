"""How often the agents have used each tool, for the page on which staff assign them."""

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone

from calls.models import ToolRun
from catalog.tool_usage import ToolUsage

DAYS = 30
FAILURES = ("invalid", "timeout", "error")  # To refuse, or to be stopped, is no fault of a tool.


def tool_usage() -> Mapping[str, ToolUsage]:
    """The last 30 days, by the tool's name: one query."""
    recent = ToolRun.objects.filter(call__created_at__gt=timezone.now() - timedelta(days=DAYS))
    rows = recent.values("name").annotate(
        runs=Count("pk"),
        failures=Count("pk", filter=Q(outcome__in=FAILURES)),
        last=Max("call__created_at"),
    )
    return {row["name"]: ToolUsage(row["runs"], row["failures"], row["last"]) for row in rows}
