"""By what the list of calls is narrowed, by names that links elsewhere rely on."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calls.admin import counted
from calls.call_rows import write
from calls.happenings import CallOver, CallRang, Milestone, StreamBegan
from calls.models import Call, EndedBy
from calls.timing import Timings
from tests.calls.samples import STREAM_SID
from tests.staff.people import browser_of, hire

pytestmark = pytest.mark.django_db
LIST = reverse("admin:calls_call_changelist")


@pytest.fixture
def manager() -> Client:
    return browser_of(hire("M"))


def a_call(name: str, days_ago: int = 0, ended_by: str = EndedBy.AGENT, ms: float = 60_000) -> None:
    sid = f"CA{name}"
    write(CallRang(sid, "+351200000002", f"+3512000000{days_ago:02d}", name, 42, 3.5, days_ago + 1))
    write(StreamBegan(sid, STREAM_SID, timezone.now()))
    write(CallOver(sid, ended_by, timezone.now(), ms, Timings(first_audio_ms=2.0)))
    day = timezone.localdate() - timedelta(days=days_ago)
    noon = timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=12)
    Call.objects.filter(call_sid=sid).update(created_at=noon)


def found(client: Client, **by: str) -> set[str]:
    response = client.get(LIST, by)
    assert response.status_code == 200, response.headers
    return {call.agent_name for call in response.context["cl"].queryset}


def test_it_is_narrowed_to_days(manager: Client) -> None:
    for name, days in (("today", 0), ("yesterday", 1), ("week", 6), ("month", 29), ("long", 91)):
        a_call(name, days)
    assert found(manager, period="today") == {"today"}
    assert found(manager, period="yesterday") == {"yesterday"}
    assert found(manager, period="7") == {"today", "yesterday", "week"}
    assert found(manager, period="30") == {"today", "yesterday", "week", "month"}
    day = (timezone.localdate() - timedelta(days=6)).isoformat()
    assert found(manager, created_at_from=day, created_at_to=day) == {"week"}


def test_it_is_narrowed_by_agent_number_status_and_end(manager: Client) -> None:
    a_call("one", 0)
    a_call("two", 1, EndedBy.ERROR)
    assert found(manager, agent="2") == {"two"}
    assert found(manager, number="+351200000000") == {"one"}
    assert found(manager, status="failed") == {"two"}
    assert found(manager, ended_by="agent") == {"one"}


def test_it_points_to_what_is_worth_a_look(manager: Client) -> None:
    a_call("well")
    a_call("lost", ended_by=EndedBy.CALLER, ms=9_000)
    a_call("failing")
    write(Milestone("CAfailing", "tts error", 4.0))
    a_call("slow")
    Call.objects.filter(agent_name="slow").update(usual_reply_ms=900.0)
    assert found(manager, look="lost-early") == {"lost"}
    assert found(manager, look="errors") == {"failing"}
    assert found(manager, look="slow") == {"slow"}


@pytest.mark.parametrize(
    "by",
    [
        {"agent": "x"},
        {"agent": "9" * 40},
        {"period": "x"},
        {"created_at_from": "x"},
        {"created_at_to": "9999-12-31"},
        {"rating": "9"},
        {"look": "x"},
        {"tag": "%"},
        {"number": "\0"},
    ],
)
def test_nonsense_in_its_address_breaks_nothing(manager: Client, by: dict[str, str]) -> None:
    a_call("well")
    assert manager.get(LIST, by).status_code == 200


@pytest.mark.parametrize(
    "by",
    [
        {"from_number__startswith": "+3512"},
        {"from_number": "+351200000002"},
        {"customer_key": "7"},
        {"customer_name__contains": "M"},
        {"utterances__text__contains": "a"},
        {"details__contains": "\0"},
        {"details__x": "\0"},
        {"revision__range": "٣"},
        {"created_at_from__gte": "2026-01-01"},
    ],
)
@pytest.mark.parametrize("page", [LIST, f"{LIST}export.csv", f"{LIST}export.json"])
def test_a_field_that_no_filter_owns_is_refused(page: str, by: dict[str, str]) -> None:
    """Else whoever may not see numbers reads them digit by digit, by what is found and what not."""
    client = browser_of(hire("M"))
    client.raise_request_exception = False
    a_call("well")
    assert client.get(page, by).status_code == 400


@pytest.mark.parametrize("page", ["9", "0", "-1", "x"])
def test_a_page_that_is_not_there_leads_back_to_the_list(manager: Client, page: str) -> None:
    a_call("well")
    response = manager.get(LIST, {"p": page}, follow=True)
    assert [call.agent_name for call in response.context["cl"].result_list] == ["well"]


def test_it_counts_to_a_bound_and_says_so(manager: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(counted, "MOST_COUNTED", 2)
    for name in ("one", "two", "three", "four"):
        a_call(name)
    response = manager.get(LIST)
    assert response.context["cl"].result_count == 2
    assert len(response.context["cl"].result_list) == 2
    assert "Narrow the list" in response.content.decode()
