"""The revisions in the admin: what each changed, who answers from it, and one click back."""

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from catalog.models import Agent, CatalogRevision, Recording, ServingProcess
from catalog.publishing import publish
from tests.migrated_rows import MigratedRows

LIST = "/admin/catalog/catalogrevision/"

pytestmark = pytest.mark.django_db


def save_agent(**fields: object) -> int:
    """As staff would, committed; the number of the revision it made."""
    Agent.objects.update(**fields)
    made = publish("A test")
    assert made is not None
    return made.pk


@pytest.fixture
def committed(transactional_db: None, migrated_rows: MigratedRows) -> None:
    """What is rolled back to is published on commit, which a test's own transaction never does."""
    migrated_rows.bring_back()


@pytest.fixture
def first() -> int:
    publish("The start")
    return int(CatalogRevision.objects.latest().pk)


def page(client: Client, pk: int) -> str:
    return client.get(f"{LIST}{pk}/change/").content.decode()


def roll_back(client: Client, pk: int) -> HttpResponse:
    return client.post(f"{LIST}{pk}/roll-back")


def told(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def permitted(client: Client, *codenames: str) -> None:
    user = User.objects.create_user("maria", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client.force_login(user)


def test_the_list_says_when_what_and_by_whom(alice: Client, first: int) -> None:
    CatalogRevision.objects.create(document=[], cause="Agent saved", author_name="vera")
    html = alice.get(LIST).content.decode()
    assert "Agent saved" in html and "vera" in html


def test_the_list_marks_what_is_live_and_who_is_behind(alice: Client, first: int) -> None:
    now = timezone.now()
    newest = save_agent(business_name="Bétula")
    process = ServingProcess.objects.create(
        process_id="a", host="alpha", pid=7, revision=first, started_at=now, seen_at=now
    )
    html = alice.get(LIST).content.decode()
    assert "Still answers calls: alpha (7)" in html
    assert "Newest: 0 of 1 processes have it" in html
    process.revision = newest
    process.save()
    assert "Live" in alice.get(LIST).content.decode()


def test_every_revision_but_the_newest_can_be_rolled_back_to(alice: Client, first: int) -> None:
    newest = save_agent(business_name="Bétula")
    for html in (alice.get(LIST).content.decode(), page(alice, first)):
        assert f"{LIST}{first}/roll-back" in html
    for html in (alice.get(LIST).content.decode(), page(alice, newest)):
        assert f"{LIST}{newest}/roll-back" not in html


def test_a_revision_tells_what_it_changed(alice: Client, first: int) -> None:
    newest = save_agent(business_name="Bétula", record_calls=True)
    html = page(alice, newest)
    assert f"What changed since revision {first}" in html
    assert "Silver Birch Dental" in html and "Bétula" in html
    assert "Record calls" in html


def test_an_older_one_tells_what_rolling_back_would_change(alice: Client, first: int) -> None:
    newest = save_agent(business_name="Bétula")
    html = page(alice, first)
    assert f"What rolling back would change now, against revision {newest}" in html


def test_a_damaged_one_says_so(alice: Client, first: int) -> None:
    damaged = CatalogRevision.objects.create(document={"nonsense": 1})
    assert "is damaged" in page(alice, damaged.pk)


def test_what_staff_wrote_is_escaped(alice: Client, first: int) -> None:
    newest = save_agent(business_name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page(alice, newest)


@pytest.mark.parametrize("number", ["0", "999999", "nonsense", "9" * 30])
def test_one_that_is_not_there_is_not_found(alice: Client, number: str) -> None:
    assert alice.get(f"{LIST}{number}/change/").status_code == 404


@pytest.mark.usefixtures("committed")
@pytest.mark.django_db(transaction=True)
def test_one_click_brings_everything_back_and_publishes_it(alice: Client, first: int) -> None:
    newest = save_agent(business_name="Bétula")
    answer = roll_back(alice, first)
    agent = Agent.objects.get()
    assert agent.business_name == "Silver Birch Dental"
    made = CatalogRevision.objects.latest()
    assert made.pk > newest
    assert made.author_name == "alice"
    (said,) = told(answer)
    assert said == f"Rolled back to revision {first}, which is published again as {made.pk}."


@pytest.mark.usefixtures("committed")
@pytest.mark.django_db(transaction=True)
def test_going_back_to_what_is_already_so_says_so(alice: Client, first: int) -> None:
    save_agent(business_name="Bétula")
    newest = save_agent(business_name="Silver Birch Dental")
    (said,) = told(roll_back(alice, first))
    assert "already" in said
    assert CatalogRevision.objects.latest().pk == newest


@pytest.mark.usefixtures("committed")
@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_gone_back_to_is_told_and_changes_nothing(alice: Client, first: int) -> None:
    newest = save_agent(business_name="Bétula")
    Recording.objects.update(mulaw=b"")
    (said,) = told(roll_back(alice, first))
    assert said.startswith(f"Revision {first} cannot be used any more.")
    assert Agent.objects.get().business_name == "Bétula"
    assert CatalogRevision.objects.latest().pk == newest


def test_looking_at_the_address_rolls_nothing_back(alice: Client, first: int) -> None:
    assert alice.get(f"{LIST}{first}/roll-back").status_code == 405


def test_a_request_from_another_site_is_refused(first: int) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(User.objects.create_superuser("alice"))
    assert roll_back(careful, first).status_code == 403


def test_who_may_only_look_can_only_look(client: Client, first: int) -> None:
    save_agent(business_name="Bétula")
    permitted(client, "view_catalogrevision")
    assert "roll-back" not in page(client, first)
    assert "roll-back" not in client.get(LIST).content.decode()
    assert roll_back(client, first).status_code == 403


def test_who_may_see_no_revision_sees_none(client: Client, first: int) -> None:
    permitted(client)
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{first}/change/").status_code == 403


def test_nobody_makes_edits_or_deletes_one(alice: Client, first: int) -> None:
    assert alice.get(f"{LIST}add/").status_code == 403
    assert alice.post(f"{LIST}add/", {}).status_code == 403
    assert alice.post(f"{LIST}{first}/delete/", {"post": "yes"}).status_code == 403
    before = CatalogRevision.objects.get(pk=first).cause
    alice.post(f"{LIST}{first}/change/", {"cause": "Forged"})
    assert CatalogRevision.objects.get(pk=first).cause == before
