"""calls/tool_usage.py: how often each tool was used, for the page on which staff assign them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calls.models import Call, ToolRun
from calls.tool_usage import DAYS, tool_usage
from catalog import tool_usage as asked_by_the_catalog
from catalog.tool_usage import ToolUsage

pytestmark = pytest.mark.django_db


def a_call(call_sid: str, *runs: tuple[str, str], days_ago: float = 0.0) -> Call:
    call = Call.objects.create(call_sid=call_sid)
    Call.objects.filter(pk=call.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    call.refresh_from_db()
    for name, outcome in runs:
        ToolRun.objects.create(call=call, name=name, outcome=outcome, at_ms=1.0, ms=2.0)
    return call


def test_it_counts_runs_failures_and_the_last_call() -> None:
    a_call("CA1", ("end_call", "ok"), ("look_up", "timeout"), days_ago=2)
    newer = a_call("CA2", ("look_up", "ok"), ("look_up", "error"), days_ago=1)
    used = tool_usage()
    assert used["look_up"] == ToolUsage(3, 2, newer.created_at)
    assert (used["end_call"].runs, used["end_call"].failures) == (1, 0)


def test_what_was_not_used_lately_is_not_in_it() -> None:
    a_call("CA1", ("end_call", "ok"), days_ago=DAYS + 0.1)
    a_call("CA2", ("look_up", "ok"), days_ago=DAYS - 0.1)
    assert set(tool_usage()) == {"look_up"}


def test_it_is_one_query_however_many_calls_there_were(django_assert_num_queries: Any) -> None:
    for number in range(5):
        a_call(f"CA{number}", ("end_call", "ok"), ("look_up", "ok"))
    with django_assert_num_queries(1):
        assert tool_usage()["end_call"].runs == 5


def test_the_catalog_asks_it_without_knowing_of_calls() -> None:
    a_call("CA1", ("end_call", "ok"))
    assert asked_by_the_catalog.usage()["end_call"].runs == 1
