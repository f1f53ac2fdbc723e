"""What a manager sees after login, over real rows."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calls.figures import bucket_of
from calls.models import Call, CallEvent, EndedBy, Figure, Metric, Status, Survey
from tests.staff.people import browser_of, hire

pytestmark = pytest.mark.django_db
DIALLED = "+351210000001"


@pytest.fixture
def manager() -> Client:
    return browser_of(hire("M"))


def a_call(number: int, **values: Any) -> Call:
    """An hour ago or yesterday: both are of the usual period."""
    at = timezone.now() - timedelta(hours=1)
    usual = {
        "call_sid": f"CA{number:032x}",
        "status": Status.COMPLETED,
        "ended_by": EndedBy.CALLER,
        "started_at": at,
        "ended_at": at,
        "duration_ms": 90_000,
        "clip_name": "Morning",
        "clip_version": 1,
        "agent_key": 7,
        "agent_name": "Vera",
        "to_number": DIALLED,
    }
    call = Call.objects.create(**{**usual, **values})
    Call.objects.filter(pk=call.pk).update(created_at=at)
    return call


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/admin/{query}")
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    return " ".join(html.split())


def numbers_of(client: Client, chart: str, **asked: str) -> list[dict[str, str]]:
    response = client.get(reverse("admin:calls_dashboard_csv"), {"chart": chart, **asked})
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_it_tells_who_hung_up_early_and_where_these_calls_are(manager: Client) -> None:
    a_call(1, duration_ms=3_200)
    a_call(2)
    html = page(manager)
    assert "1 caller hung up within 10 s" in html
    assert "look=lost-early" in html


def test_a_hang_up_stands_at_its_second_under_its_greeting(manager: Client) -> None:
    a_call(1, duration_ms=3_200)
    a_call(2, duration_ms=3_900, clip_version=2)
    a_call(3, duration_ms=61_000)
    a_call(4, duration_ms=3_000, ended_by=EndedBy.AGENT)
    rows = numbers_of(manager, "hang-ups")
    assert rows[3] == {"second": "3", "Morning v1": "1", "Morning v2": "1"}
    assert rows[60] == {"second": "60+", "Morning v1": "1", "Morning v2": "0"}
    assert sum(int(row["Morning v1"]) for row in rows) == 2


def test_percentiles_are_those_of_the_hours_figures(manager: Client) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for ms, count in ((400.0, 90), (900.0, 9), (3_000.0, 1)):
        Figure.objects.create(
            hour=hour,
            agent_key=7,
            to_number=DIALLED,
            metric=Metric.REPLY,
            bucket=bucket_of(ms),
            count=count,
        )
    [row] = [row for row in numbers_of(manager, "reply") if row["measured"] != "0"]
    assert float(row["p50 (ms)"]) == pytest.approx(400, rel=0.02)
    assert float(row["p95 (ms)"]) == pytest.approx(900, rel=0.02)
    assert row["measured"] == "100"


def test_errors_stand_under_their_provider_and_scores_under_their_stars(manager: Client) -> None:
    call = a_call(1)
    CallEvent.objects.create(call=call, name="tts error", detail="timeout")
    CallEvent.objects.create(call=call, name="stream-error")
    asked_at = timezone.now() - timedelta(minutes=50)
    Survey.objects.create(call=call, channel="spoken", asked_at=asked_at, score=2)
    assert sum(int(row["Voice"]) for row in numbers_of(manager, "errors")) == 1
    assert numbers_of(manager, "surveys")[1] == {"score": "2", "answers": "1"}
    html = page(manager)
    assert "the caller gave 2 of 5" in html
    assert reverse("admin:calls_call_change", args=(call.pk,)) in html


def test_an_agents_dashboard_holds_that_agents_calls_alone(manager: Client) -> None:
    a_call(1)
    a_call(2, agent_key=8, to_number="+351210000002")
    for asked in ({"agent": "7"}, {"number": DIALLED}):
        assert sum(int(row["Caller"]) for row in numbers_of(manager, "outcomes", **asked)) == 1
    assert sum(int(row["Caller"]) for row in numbers_of(manager, "outcomes")) == 2


def test_calls_of_another_day_are_not_counted(manager: Client) -> None:
    a_call(1)
    Call.objects.update(created_at=timezone.now() - timedelta(days=5))
    assert sum(int(row["Caller"]) for row in numbers_of(manager, "outcomes")) == 0
    asked = numbers_of(manager, "outcomes", period="7")
    assert sum(int(row["Caller"]) for row in asked) == 1


@pytest.mark.parametrize("language", ["en", "pt"])
def test_a_picture_has_points_and_no_commas_in_every_language(
    manager: Client, language: str
) -> None:
    for number in range(3):
        a_call(number, duration_ms=1_000 * number)
    manager.cookies.load({"django_language": language})
    svg = page(manager, "?period=90").split("<svg viewBox")[1].split("</svg>")[0]
    assert ' height="0,' not in svg
    assert "<rect" in svg


@pytest.mark.parametrize(
    "query", ["?period=%00", "?agent=%27&number=%00", "?period=custom&from=x&to=9999-99-99"]
)
def test_a_hostile_address_gives_a_page_that_says_so(manager: Client, query: str) -> None:
    a_call(1)
    assert 'class="va-problem"' in page(manager, query)


def test_before_the_first_call_it_invites(manager: Client) -> None:
    html = page(manager)
    assert "No calls yet" in html
    assert "va-charts" not in html


def test_the_set_up_stays_one_click_away() -> None:
    a_call(1)
    boss = browser_of(hire("X"))
    html = page(boss)
    assert 'href="?show=set-up"' in html
    assert "va-ready" not in html
    assert "va-ready" in page(boss, "?show=set-up")


def test_whoever_may_not_see_calls_sees_none_of_it() -> None:
    a_call(1)
    editor = browser_of(hire("E"))
    assert "va-dash" not in page(editor)
    assert editor.get(reverse("admin:calls_dashboard_csv")).status_code == 403


def test_the_right_to_see_calls_is_enough() -> None:
    a_call(1)
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_call"))
    assert "va-dash" in page(browser_of(user))


def test_there_is_no_file_of_a_chart_that_does_not_exist(manager: Client) -> None:
    assert manager.get(reverse("admin:calls_dashboard_csv") + "?chart=x").status_code == 404
