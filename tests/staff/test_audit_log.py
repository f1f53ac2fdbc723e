"""The pages of the audit log: what stands there, what it is filtered by, that nobody edits it."""

from datetime import time

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from catalog.models import OpeningHours, PhoneNumber
from customers.models import Customer
from staff.models import AuditEntry
from tests.catalog.factories import make_agent
from tests.staff.people import browser_of, hire

pytestmark = pytest.mark.django_db
LOG = "admin:staff_auditentry_changelist"
ENTRY = "admin:staff_auditentry_change"


def relabel(browser: Client, label: str) -> PhoneNumber:
    """An edit in the admin. The first one adds the number, with nobody's name."""
    number = PhoneNumber.objects.filter(number="+351200000009").first()
    if number is None:
        agent = make_agent()
        number = PhoneNumber.objects.create(number="+351200000009", agent=agent, label="Old")
    address = reverse("admin:catalog_phonenumber_change", args=(number.pk,))
    posted = {"number": number.number, "agent": number.agent_id, "label": label}
    assert browser.post(address, posted).status_code == 302
    return number


def shown(browser: Client, **filters: str) -> list[AuditEntry]:
    response = browser.get(reverse(LOG), filters)
    assert response.status_code == 200, response.headers.get("Location")
    return list(response.context_data["cl"].result_list)


def test_it_shows_who_did_what(boss: Client) -> None:
    relabel(boss, "New")
    page = boss.get(reverse(LOG)).content.decode()
    for text in ("superuser", "Changed", "Phone number: +351200000009", "Label"):
        assert text in page


def test_it_shows_from_what_to_what(boss: Client) -> None:
    relabel(boss, "<b>New</b>")
    row = AuditEntry.objects.get(actor_name="superuser", action=AuditEntry.Action.UPDATE)
    page = boss.get(reverse(ENTRY, args=(row.pk,))).content.decode()
    for text in ("Old", "&lt;b&gt;New&lt;/b&gt;", "superuser"):
        assert text in page


def test_it_still_names_whose_account_is_deleted(boss: Client) -> None:
    relabel(browser_of(hire("E")), "New")
    User.objects.get(username="editor").delete()
    assert "editor (account deleted)" in boss.get(reverse(LOG)).content.decode()


def test_it_is_filtered_by_person_also_by_one_whose_account_is_deleted(boss: Client) -> None:
    relabel(browser_of(hire("E")), "New")
    relabel(boss, "Newer")
    User.objects.get(username="editor").delete()
    assert {row.actor_name for row in shown(boss, who="editor")} == {"editor"}
    assert {row.actor_name for row in shown(boss, who="/")} == {""}


def test_it_is_filtered_by_deed_thing_and_period(boss: Client) -> None:
    relabel(boss, "New")
    kind = AuditEntry.objects.get(actor_name="superuser", action=1).content_type
    assert {row.action for row in shown(boss, action__exact="1")} == {1}
    assert {row.content_type for row in shown(boss, what=str(kind.pk))} == {kind}
    assert shown(boss, timestamp__gte="2020-01-01 00:00Z") != []
    assert shown(boss, timestamp__lt="2020-01-01 00:00Z") == []
    assert shown(boss, what="nonsense") == shown(boss)


def test_it_is_searched_by_name(boss: Client) -> None:
    relabel(boss, "New")
    assert {row.object_repr for row in shown(boss, q="+351200000009")} == {"+351200000009"}


@pytest.mark.parametrize("letter", "SX")
def test_nobody_adds_changes_or_deletes_a_row(letter: str) -> None:
    browser = browser_of(hire(letter))
    make_agent()
    before = list(AuditEntry.objects.values())
    key = before[0]["id"]
    attempts = (
        browser.post(reverse("admin:staff_auditentry_add"), {"actor_name": "eve"}),
        browser.post(reverse(ENTRY, args=(key,)), {"actor_name": "eve"}),
        browser.post(reverse("admin:staff_auditentry_delete", args=(key,)), {"post": "yes"}),
    )
    chosen = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
    browser.post(reverse(LOG), chosen)
    assert [attempt.status_code for attempt in attempts] == [403, 403, 403]
    assert list(AuditEntry.objects.values()) == before


def test_a_superuser_deletes_accounts_that_did_something(boss: Client) -> None:
    relabel(browser_of(hire("E")), "New")
    editor = User.objects.get(username="editor")
    address = reverse("admin:auth_user_delete", args=(editor.pk,))
    assert boss.post(address, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(username="editor").exists()


def test_its_list_takes_as_many_queries_for_fifty_rows_as_for_five(
    boss: Client, django_assert_max_num_queries: object
) -> None:
    number = relabel(boss, "New")
    for turn in range(60):
        number.label = str(turn)
        number.save()
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        assert len(shown(boss)) == 50


def test_the_history_of_a_thing_shows_its_rows_and_those_of_its_parts(boss: Client) -> None:
    number = relabel(boss, "New")
    agent = number.agent
    hours = OpeningHours.objects.create(agent=agent, weekday=0, opens=time(9), closes=time(18))
    hours.delete()
    User.objects.get(username="superuser").delete()
    page = browser_of(hire("S")).get(reverse("admin:catalog_agent_history", args=(agent.pk,)))
    entries = page.content.decode()
    assert entries.count("Phone number: ") == 2
    assert entries.count("Business hours: Monday 09:00") == 2
    assert "superuser" in entries


def test_the_history_says_who_read_it_only_to_those_who_see_the_log(supervisor: Client) -> None:
    ana = Customer.objects.create(name="Ana Melo", phone="+351200000011")
    supervisor.get(reverse("admin:customers_customer_change", args=(ana.pk,)))
    address = reverse("admin:customers_customer_history", args=(ana.pk,))
    read = "<strong>Read</strong>"
    assert read in supervisor.get(address).content.decode()
    assert read not in browser_of(hire("M")).get(address).content.decode()
