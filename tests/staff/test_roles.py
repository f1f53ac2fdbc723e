"""What each role may do: every page of the admin, opened and sent something, by everybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from catalog.models import Agent
from customers.models import Customer
from staff.models import AuditEntry
from tests.staff.admin_pages import Samples, make_samples, nameless_addresses, pages
from tests.staff.people import NAMES, browser_of, hire
from tests.staff.who_may import EVERYBODY, PAGES

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Office:
    samples: Samples
    people: dict[str, User | None]

    def browser(self, letter: str) -> Client:
        return browser_of(self.people[letter])


@pytest.fixture(scope="module")
def office(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """Made once: each test undoes what it does, and the last of them undoes this."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media, transaction.atomic():
        yield Office(make_samples(), {letter: hire(letter) for letter in EVERYBODY})
        transaction.set_rollback(True)


def is_let_in(response: HttpResponse) -> bool:
    """Refused: sent to log in, forbidden, not there, or not for this method."""
    assert response.status_code in {200, 301, 302, 403, 404, 405}, response.status_code
    if response.status_code in {301, 302}:
        return not response.headers["Location"].startswith(reverse("admin:login") + "?")
    return response.status_code == 200


def who_gets_in(page: str, office: Office, method: str) -> str:
    address = office.samples.address(page)
    sent = {"post": "yes"} if page.endswith("_delete") else {}
    let_in = ""
    for letter in EVERYBODY:
        browser = office.browser(letter)
        with transaction.atomic():  # What one of them did, the next must not find done.
            response = browser.get(address) if method == "GET" else browser.post(address, sent)
            transaction.set_rollback(True)
        let_in += letter if is_let_in(response) else ""
    return let_in


def named(letters: str) -> list[str]:
    return [NAMES[letter] for letter in letters]


def test_the_table_names_every_page_and_no_other() -> None:
    assert set(PAGES) == pages()


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_opens_for_those_who_may_see_it(page: str, office: Office) -> None:
    assert named(who_gets_in(page, office, "GET")) == named(PAGES[page].get)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_takes_something_from_those_who_may_change_it(page: str, office: Office) -> None:
    assert named(who_gets_in(page, office, "POST")) == named(PAGES[page].post)


def test_addresses_without_a_name_only_lead_elsewhere(office: Office) -> None:
    boss = office.browser("X")
    assert nameless_addresses() == {"<path:object_id>/", "(?P<url>.*)$"}
    old_address = reverse("admin:index") + f"calls/call/{office.samples.keys['calls_call']}/"
    assert boss.get(old_address).status_code in {301, 302}
    assert boss.get(reverse("admin:index") + "nonsense").status_code == 404


@pytest.mark.parametrize("letter", "CEMSX")
def test_whom_it_refuses_it_tells_that_it_is_forbidden(letter: str, office: Office) -> None:
    browser = office.browser(letter)
    models = [page for page in PAGES if page.endswith(("_add", "_change", "_delete"))]
    refusals = {
        browser.post(office.samples.address(page), {"post": "yes"}).status_code
        for page in models
        if letter not in PAGES[page].post
    }
    assert refusals == {403}


@pytest.mark.parametrize(
    ("letter", "model"), [("M", Customer), ("E", Customer), ("S", AuditEntry), ("S", User)]
)
def test_a_list_deletes_nothing_for_those_who_may_not(
    letter: str, model: Any, office: Office
) -> None:
    meta = model._meta
    key = office.samples.keys[f"{meta.app_label}_{meta.model_name}"]
    asked = {"action": "delete_selected", "_selected_action": [key], "post": "yes", "index": 0}
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    office.browser(letter).post(address, asked)
    assert model.objects.filter(pk=key).exists()


def test_a_manager_cannot_change_what_callers_hear(office: Office) -> None:
    agent = Agent.objects.get(name="Sample")
    address = office.samples.address("catalog_agent_change")
    office.browser("M").post(address, {"name": "Mine now"})
    agent.refresh_from_db()
    assert agent.name == "Sample"


def test_the_sidebar_leads_only_where_one_may_go(office: Office) -> None:
    models = ("calls_call", "catalog_clip", "auth_user", "staff_auditentry")
    links = [reverse(f"admin:{model}_changelist") for model in models]

    def seen(letter: str) -> list[bool]:
        page = office.browser(letter).get(reverse("admin:index")).content.decode()
        return [f'href="{link}"' in page for link in links]

    assert {letter: seen(letter) for letter in "CEMSX"} == {
        "C": [False, False, False, False],
        "E": [False, True, False, False],
        "M": [True, False, False, False],
        "S": [True, True, False, True],
        "X": [True, True, True, True],
    }


def test_a_right_to_change_users_makes_nobody_a_superuser(office: Office) -> None:
    clever = office.people["S"]
    assert clever is not None
    clever.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    address = reverse("admin:auth_user_change", args=(clever.pk,))
    posted = {"username": clever.username, "is_superuser": "on", "is_staff": "on"}
    assert browser_of(clever).post(address, posted).status_code == 403
    clever.refresh_from_db()
    assert not clever.is_superuser
