"""What managers read of a call, and that nobody can change it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from calls.call_rows import write
from calls.happenings import (
    CallOver,
    CallRang,
    CustomerKnown,
    Milestone,
    Said,
    StreamBegan,
    Summarised,
    ToolRan,
    ToolsOffered,
)
from calls.masking import masked
from calls.models import Call, EndedBy, Speaker
from calls.settling import settle
from calls.timing import Timings
from tests.calls.samples import CALL_SID, OTHER_CALL_SID, STREAM_SID
from tests.staff.people import browser_of, hire

pytestmark = pytest.mark.django_db
BEGAN_AT = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
LIST = "admin:calls_call_changelist"
SCRIPT = "<script>alert(1)</script>"


def finished_call(
    call_sid: str = CALL_SID, name: str = "Maria Silva", agent_ready_ms: float = 480.0
) -> Call:
    timings = Timings(
        first_audio_ms=2.4, agent_ready_ms=agent_ready_ms, first_reply_audio_ms=4_600.0
    )
    for happening in (
        CallRang(call_sid, "+351200000002", "+351200000001", "Reception", 42, 3.5),
        StreamBegan(call_sid, STREAM_SID, BEGAN_AT),
        CustomerKnown(call_sid, name, "7"),
        Milestone(call_sid, "agent ready", 612.0),
        Said(call_sid, Speaker.CALLER, f"When do you open? {SCRIPT}", 2_000.0, 3_900.0),
        Said(call_sid, Speaker.AGENT, "At nine o'clock.", 4_600.0, 6_000.0, True, 612.3),
        ToolsOffered(call_sid, ("end_call", "get_current_time"), 4_100.0),
        ToolRan(
            call_sid,
            "get_current_time",
            {"note": SCRIPT},
            "ok",
            4_200.0,
            0.4,
            {"ok": True, "say": f"It is noon. {SCRIPT}"},
        ),
        CallOver(call_sid, EndedBy.AGENT, BEGAN_AT + timedelta(seconds=83), 83_000.0, timings),
    ):
        write(happening)
    return Call.objects.get(call_sid=call_sid)


def page_of(call: Call) -> str:
    return reverse("admin:calls_call_change", args=(call.pk,))


@pytest.fixture
def viewer() -> Client:
    """A member of staff who may look at calls."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_call"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def listener() -> Client:
    """A manager: sees numbers, hears recordings, writes reviews."""
    user = hire("M")
    assert user is not None
    return browser_of(user)


def test_it_lists_calls_with_what_managers_look_for(viewer: Client) -> None:
    finished_call()
    settle()
    page = viewer.get(reverse(LIST)).content.decode()
    for shown in ("Maria Silva", "Reception", "Completed", "Agent", "1:23", "2.4 ms", "612 ms"):
        assert shown in page


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("Maria", 1),
        ("+351 200 000 001", 1),
        (CALL_SID, 1),
        (CALL_SID[:8].upper(), 1),
        ("nine o'clock", 1),
        ("zebra", 0),
        ("'); --", 0),
        ("%", 0),
        ("\0", 1),
    ],
)
def test_it_finds_calls_by_caller_and_by_words(viewer: Client, searched: str, found: int) -> None:
    finished_call()
    settle()
    response = viewer.get(reverse(LIST), {"q": searched})
    assert response.context["cl"].result_count == found


def test_who_may_not_see_numbers_neither_sees_nor_finds_them(viewer: Client) -> None:
    call = finished_call(name="")
    shown = viewer.get(reverse(LIST)).content.decode() + viewer.get(page_of(call)).content.decode()
    assert "+351200000002" not in shown
    assert shown.count(masked("+351200000002")) >= 2
    for part in ("+351200000002", "0000002"):
        assert viewer.get(reverse(LIST), {"q": part}).context["cl"].result_count == 0


def test_who_may_see_numbers_sees_and_finds_them(listener: Client) -> None:
    call = finished_call(name="")
    shown = listener.get(reverse(LIST)).content.decode()
    assert "+351200000002" in shown
    assert "+351200000002" in listener.get(page_of(call)).content.decode()
    assert listener.get(reverse(LIST), {"q": "0000002"}).context["cl"].result_count == 1


def test_whoever_may_see_numbers_sees_that_of_a_known_customer(listener: Client) -> None:
    call = finished_call()
    for address in (reverse(LIST), page_of(call)):
        assert "Maria Silva · +351200000002" in listener.get(address).content.decode()


def test_no_number_stands_anywhere_on_the_page_for_who_may_not_see_them(
    viewer: Client, listener: Client
) -> None:
    call = finished_call(name="Maria +351200000031")
    for happening in (
        Said(CALL_SID, Speaker.CALLER, "Call +351200000032.", 7_000.0),
        ToolRan(
            CALL_SID,
            "send",
            {"to": "+351200000033", "more": {"+351200000034": ["+351200000035"]}},
            "ok",
            7_100.0,
            1.0,
            {"ok": True, "say": "Sent to +351200000036."},
        ),
        Milestone(CALL_SID, "transferred", 7_200.0, "+351200000037"),
        Summarised(CALL_SID, "Wants +351200000038.", {"+351200000039": "+351200000040"}),
    ):
        write(happening)
    known = [f"+3512000000{number}" for number in range(31, 41)]
    seen, hidden = (who.get(page_of(call)).content.decode() for who in (listener, viewer))
    assert [number for number in known if number not in seen] == []
    assert [number for number in (*known, "+351200000002") if number in hidden] == []
    assert "Maria +351 ••• 031 · +351 ••• 002" in hidden
    assert (
        "+351 ••• 0" in hidden
        and "Maria +351 ••• 031" in viewer.get(reverse(LIST)).content.decode()
    )


def test_it_shows_the_conversation_the_timings_and_the_tools(viewer: Client) -> None:
    page = viewer.get(page_of(finished_call())).content.decode()
    for shown in (
        "When do you open?",
        "At nine o&#x27;clock.",
        "interrupted",
        "replied after 612 ms",
        "slow",
        "00:04",
        "First audio",
        "Agent ready",
        "get_current_time",
        CALL_SID,
        "+351200000001",
    ):
        assert shown in page


def test_it_shows_a_missed_budget_as_missed(viewer: Client) -> None:
    def bars_over(call: Call) -> int:
        return viewer.get(page_of(call)).content.decode().count("call-bar-over")

    in_time, late = finished_call(), finished_call(OTHER_CALL_SID, agent_ready_ms=501.0)
    pictures = 2  # a desk's and a telephone's
    assert bars_over(late) == bars_over(in_time) + pictures


def test_it_shows_what_the_agent_was_told_and_which_tools_it_had(viewer: Client) -> None:
    page = viewer.get(page_of(finished_call())).content.decode()
    assert "It is noon." in page
    assert "2 tools at hand" in page
    assert "end_call, get_current_time" in page
    assert SCRIPT not in page


def test_it_shows_the_arguments_of_a_tool_whatever_their_names(viewer: Client) -> None:
    call = finished_call()
    write(ToolRan(CALL_SID, "order", {"items": "two crowns", "keys": ["a"]}, "ok", 5_000.0, 1.0))
    page = viewer.get(page_of(call)).content.decode()
    assert "two crowns" in page
    assert "keys:" in page


def test_it_never_lets_what_was_said_become_part_of_the_page(viewer: Client) -> None:
    call = finished_call(name=SCRIPT)
    for page in (viewer.get(page_of(call)), viewer.get(reverse(LIST))):
        assert SCRIPT not in page.content.decode()


def test_it_shows_a_call_of_which_nothing_is_known_but_that_it_rang(viewer: Client) -> None:
    write(CallRang(CALL_SID, "", "+351200000001", "Reception", 42, 3.5))
    call = Call.objects.get()
    page = viewer.get(page_of(call)).content.decode()
    assert "Nothing was said on this call." in page
    assert "No tool was used." in page
    assert "Withheld number" in viewer.get(reverse(LIST)).content.decode()


def test_nobody_can_add_change_or_delete_a_call(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    call = finished_call()
    before = Call.objects.values().get()
    delete = reverse("admin:calls_call_delete", args=(call.pk,))
    assert client.get(reverse("admin:calls_call_add")).status_code == 403
    assert client.post(page_of(call), {"agent_name": "Somebody"}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [call.pk], "post": "yes"}
    client.post(reverse(LIST), chosen)
    assert Call.objects.values().get() == before


def test_only_staff_who_may_look_can_look() -> None:
    call = finished_call()
    user = User.objects.create_user("nobody", is_staff=True)
    anonymous, clerk = Client(), Client()
    clerk.force_login(user)
    for path in (reverse(LIST), page_of(call)):
        assert anonymous.get(path).status_code == 302
        assert clerk.get(path).status_code == 403


def test_its_list_takes_few_queries_however_many_calls_there_are(
    viewer: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        finished_call(f"CA{number:032x}")
    with django_assert_max_num_queries(15):
        assert viewer.get(reverse(LIST), {"period": "7", "q": "nine"}).status_code == 200


def test_its_page_takes_few_queries_however_much_was_said(
    listener: Client, django_assert_max_num_queries: Any
) -> None:
    call = finished_call()
    for number in range(100):
        at_ms = 7_000.0 + 1_000 * number
        write(Said(CALL_SID, Speaker.CALLER, f"Question {number}", at_ms, at_ms + 400.0))
        write(Said(CALL_SID, Speaker.AGENT, f"Answer {number}", at_ms + 500.0, None, False, 90.0))
    for number in range(40):
        write(ToolRan(CALL_SID, f"tool_{number}", {"a": number}, "ok", 8_000.0 + number, 1.0))
    with django_assert_max_num_queries(15):
        page = listener.get(page_of(call)).content.decode()
    assert "Answer 99" in page
    assert "tool_39" in page
